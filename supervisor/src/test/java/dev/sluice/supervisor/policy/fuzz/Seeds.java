package dev.sluice.supervisor.policy.fuzz;

import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.oci.OciWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Texts that are right, to begin from: the policies that are shipped, and what is in them.
final class Seeds {
  private static final List<String> CONDITIONS =
      List.of(
          "\"@connect\"\naddress.in(\"10.0.0.0/8\", \"::1\") || address.port in [80, 443]",
          "[bind]\naddress.family == \"unix\" ? address.path.under(\"/run\") : address.ip != \"\"",
          "mount\ntask.uid == 0 && task.caps.has(CAP_SYS_ADMIN) && task.comm.startsWith(\"a\")",
          "\"@open\"\nmath.bitAnd(flags, O_ACCMODE) == O_WRONLY || flags.has(O_CREAT + O_EXCL)",
          "[setuid, read]\nargs[0] >= 18446744073709551615u || args[5] < 4096",
          "\"@link\"\npath.glob(\"/{a,b}/**/[a-z]*.?\") && !path2.above(vars.a + \"/x\")",
          "mount\ncontainer.annotations[\"k\"] == \"v\" || container.id.endsWith(\"0\")",
          "\"@open\"\n(access.read == access.write) != (path == \"/x\")",
          "mount\nfstype in [\"tmpfs\", 'proc', r\"sysfs\"] // of mount");

  /// Every key and action that the shipped policies have no need of.
  private static final String RARELY_USED =
      """
      sluice: v1
      name: all
      default: {deny: EPERM}
      vars: {a: /srv, b: '${HOME}/x'}
      architectures: [x86_64]
      deadline: {after: 30s, otherwise: ETIMEDOUT}
      dynamic: [kill, "@rename"]
      audit: {record: [deny, ask]}
      rules:
        - {name: a, on: "@open", when: 'path.under(vars.a)', allow: , limit: 10/s, audit: exact}
        - {on: [getpid], return: -1, limit: {rate: 5/min, burst: 3, otherwise: EBUSY}}
        - {when: 'path.glob("**/.env")', hide: , audit: alert}
        - {when: 'path == "/etc/x"', serve: {template: '${task.uid} ${vars.a} ${HOME}$${'}}
        - {when: 'path == "/etc/y"', serve: {content: "a\\n"}}
        - {when: 'path.under("/usr")', read-only: }
        - {when: 'path == "/etc/z"', redirect: /etc/other}
        - on: "@open"
          when: |
            path.under("/home") &&
              access.write
          ask: {timeout: 5m, otherwise: EIO, remember: directory}
        - {on: mount, emulate: {handler: mount, images: read-only}}
        - {on: reboot, kill: thread}
        - {on: acct, trap: }
        - {on: sync, trace: 7}
        - {on: swapon, log: }
        - {on: umount2, when: 'flags.has(1) && task.comm == "x"', deny: EPERM, unsafe: continue}
      """;

  private static final String WHO =
      """
      uid=0
      caps=CAP_KILL|CAP_CHOWN
      exe=/bin/sh
      cwd=/src

      """;

  private static final List<String> CALLS =
      Stream.of(
              "openat\nAT_FDCWD\n/etc/shadow\nO_RDONLY",
              "openat2\npath=~/x\nflags=O_CREAT|O_EXCL",
              "mount\ntarget=/mnt\nfstype=tmpfs\nflags=MS_NOSUID|MS_NODEV",
              "connect\nsockfd=3\naddress=[fd00::1]:443",
              "bind\n3\nunix:/run/x\n16",
              "sendto\n3\nNULL\n0\n0\naddress=unix:@x",
              "rename\na\nb",
              "setuid\nargs[0]=0xffffffff\nargs[1]=0",
              "kill\n-1\nSIGKILL")
          .map(WHO::concat)
          .toList();

  private static final List<String> PROFILES =
      List.of(
          """
          {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "defaultErrno": "ENOSYS",
           "archMap": [{"architecture": "SCMP_ARCH_X86_64",
                        "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}],
           "flags": ["SECCOMP_FILTER_FLAG_LOG"], "listenerPath": "/run/x", "listenerMetadata": "m",
           "syscalls": [
             {"names": ["read", "socketcall", "accept"], "action": "SCMP_ACT_ALLOW"},
             {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
              "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"},
                       {"index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ"}]},
             {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "comment": "no namespaces",
              "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}],
              "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390"]}},
             {"names": ["mount"], "action": "SCMP_ACT_NOTIFY", "includes": {"minKernel": "4.8"}},
             {"name": "kill", "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "errno": "EPERM",
              "args": [{"index": 1, "value": 9, "op": "SCMP_CMP_GE"},
                       {"index": 0, "value": 2, "op": "SCMP_CMP_LT"}]}]}
          """,
          """
          {"ociVersion": "1.0.0", "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
           "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
           "syscalls": [{"names": ["bpf", "ptrace"], "action": "SCMP_ACT_KILL_PROCESS"}]}}}
          """);

  private Seeds() {}

  static List<String> of(FuzzTarget target) {
    return switch (target) {
      case POLICY, FMT ->
          Stream.concat(Stream.of(RARELY_USED), shipped(name -> !name.contains(".test.")).stream())
              .toList();
      case TESTS -> shipped(name -> name.contains(".test."));
      case CONDITION ->
          Stream.concat(
                  CONDITIONS.stream(),
                  of(FuzzTarget.POLICY).stream().map(Seeds::compile).flatMap(Seeds::conditions))
              .toList();
      case PROFILE ->
          Stream.concat(
                  PROFILES.stream(),
                  of(FuzzTarget.POLICY).stream().map(Seeds::compile).flatMap(Seeds::profile))
              .toList();
      case CALL -> CALLS;
    };
  }

  private static List<String> shipped(Predicate<String> which) {
    try (var files = Files.list(policies())) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .filter(file -> which.test(String.valueOf(file.getFileName())))
          .sorted()
          .map(Seeds::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CompiledPolicy compile(String policy) {
    try {
      var handlers = Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);
      return new PolicyCompiler(handlers, Map.of("HOME", "/home/me", "PWD", "/src"))
          .compile("p.yaml", policy);
    } catch (PolicyException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Stream<String> conditions(CompiledPolicy policy) {
    return policy.policy().rules().stream()
        .flatMap(rule -> rule.when().stream().map(when -> rule.calls() + "\n" + when.expression()));
  }

  /// The policy as a profile, if it can be one.
  private static Stream<String> profile(CompiledPolicy policy) {
    try {
      return Stream.of(OciWriter.write(policy, true).json());
    } catch (PolicyException e) {
      return Stream.empty();
    }
  }

  private static Path policies() {
    return Path.of(System.getProperty("sluice.policies", "../policies"));
  }
}
