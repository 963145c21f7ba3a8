package dev.sluice.supervisor.policy.fuzz;

import dev.sluice.supervisor.bpf.Disassembler;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Emulations;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.explain.CallReader;
import dev.sluice.supervisor.policy.explain.DescribedTask;
import dev.sluice.supervisor.policy.explain.Explainer;
import dev.sluice.supervisor.policy.explain.UndescribedException;
import dev.sluice.supervisor.policy.format.PolicyFormatter;
import dev.sluice.supervisor.policy.inspect.CSource;
import dev.sluice.supervisor.policy.inspect.PolicyReport;
import dev.sluice.supervisor.policy.oci.OciWriter;
import dev.sluice.supervisor.policy.unit.PolicyTests;
import dev.sluice.supervisor.syscall.Arch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What reads texts of users. Of each, anything may be given to it: what comes out is a result, or
/// a complaint in words.
public enum FuzzTarget {
  /// A policy, as `check` and `compile` take it.
  POLICY {
    @Override
    void read(byte[] input) throws PolicyException {
      inspect(compile(write("p.yaml", input)));
    }
  },

  /// A condition: the calls of its rule, and on other lines what it says.
  CONDITION {
    @Override
    void read(byte[] input) throws PolicyException {
      String[] parts = new String(input, StandardCharsets.UTF_8).split("\n", 2);
      String when = parts.length == 1 ? "" : parts[1].indent(8);
      String policy =
          """
          sluice: v1
          vars: { a: /srv, b: 10.0.0.0/8, workspace: /src }
          rules:
            - on: %s
              deny: EACCES
              unsafe: continue
              when: |
          %s\
          """
              .formatted(parts[0], when);
      inspect(compile(write("p.yaml", policy.getBytes(StandardCharsets.UTF_8))));
    }
  },

  /// An OCI seccomp profile.
  PROFILE {
    @Override
    void read(byte[] input) throws PolicyException {
      inspect(compile(write("p.json", input)));
    }
  },

  /// The unit tests of a policy, and what becomes of them.
  TESTS {
    @Override
    void read(byte[] input) throws PolicyException {
      write("p.yaml", LOOKS_AT_ALL.getBytes(StandardCharsets.UTF_8));
      PolicyTests.read(write("p.test.yaml", input), EMULATIONS, ENVIRONMENT).run();
    }
  },

  /// A policy that is brought into form: which is then left as it is.
  FMT {
    @Override
    void read(byte[] input) throws PolicyException {
      Path file = write("p.yaml", input);
      String once = PolicyFormatter.format(file.toString(), PolicyCompiler.read(file));
      if (!PolicyFormatter.format(file.toString(), once).equals(once)) {
        throw new AssertionError("another form the second time, of: " + once);
      }
    }
  },

  /// The call of `explain`, a word a line; first `NAME=VALUE` of who calls, then an empty line.
  CALL {
    @Override
    void read(byte[] input) throws PolicyException {
      List<String> lines = new String(input, StandardCharsets.UTF_8).lines().toList();
      int empty = lines.indexOf("");
      var task = DescribedTask.UNKNOWN;
      for (String fact : lines.subList(0, Math.max(0, empty))) {
        String[] parts = fact.split("=", 2);
        task = task.with(parts[0], parts.length > 1 ? parts[1] : "", "/home/me");
      }
      List<String> words = lines.subList(empty + 1, lines.size());
      if (!words.isEmpty()) {
        var call =
            CallReader.read(
                Arch.X86_64, words.getFirst(), words.subList(1, words.size()), task, "/home/me");
        new Explainer(Lazy.POLICY).explain(call);
      }
    }
  };

  private static final String LOOKS_AT_ALL =
      """
      sluice: v1
      rules:
        - on: ["@open", "@link", "@rename"]
          when: path.glob("/a/{b,c}/**") || task.exe.endsWith("x") || task.caps.has(CAP_KILL)
          deny: EACCES
        - on: ["@connect", bind]
          when: address.in("10.0.0.0/8", "fd00::/8") || address.path.under("/run")
          deny: EPERM
        - on: mount
          when: fstype == "tmpfs" && target.under("/mnt") && !flags.has(MS_BIND)
          emulate: mount
        - on: [setuid, kill, ioctl, fchmod, lseek]
          when: task.uid == 0 && args[0] > 3 && math.bitAnd(args[1], 15) != 3
          return: -1
          limit: 10/s
        - when: path == "/etc/x"
          serve: { template: "${task.uid}" }
      """;

  private static final Map<String, String> ENVIRONMENT = Map.of("HOME", "/home/me", "PWD", "/src");

  private static final Emulations EMULATIONS =
      Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);

  private static final Path DIRECTORY = directory();

  /// Of calls that are explained.
  private static final class Lazy {
    static final CompiledPolicy POLICY = policy();

    private static CompiledPolicy policy() {
      try {
        return compile(write("all.yaml", LOOKS_AT_ALL.getBytes(StandardCharsets.UTF_8)));
      } catch (PolicyException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// Whether it reads JSON.
  public boolean isJson() {
    return this == PROFILE;
  }

  /// Throws what says what is wrong with the input.
  abstract void read(byte[] input) throws PolicyException;

  /// Returns whether nothing is wrong with the input. Throws what nothing that is read may throw.
  public boolean accepts(byte[] input) {
    try {
      read(input);
      return true;
    } catch (PolicyException e) {
      check(e);
      return false;
    } catch (UndescribedException e) {
      return false;
    } catch (IllegalArgumentException e) {
      // of the words of a call, whose complaints these are
      if (this != CALL
          || e.getMessage() == null
          || e.getClass() != IllegalArgumentException.class) {
        throw e;
      }
      return false;
    }
  }

  /// There are complaints, each of one line.
  private static void check(PolicyException complaints) {
    if (complaints.diagnostics().stream().noneMatch(Diagnostic::isError)
        || complaints.diagnostics().stream()
            .anyMatch(each -> each.toString().lines().count() != 1)) {
      throw new AssertionError("refused without a word, or in lines", complaints);
    }
  }

  private static CompiledPolicy compile(Path file) throws PolicyException {
    return new PolicyCompiler(EMULATIONS, ENVIRONMENT).compile(file);
  }

  private static void inspect(CompiledPolicy policy) throws PolicyException {
    var _ = PolicyReport.of("p.yaml", policy);
    var _ = Disassembler.disassemble(policy.filter());
    var _ = CSource.of(policy);
    try {
      var _ = OciWriter.write(policy, true);
    } catch (PolicyException e) {
      check(e); // not everything can be said in a profile
    }
  }

  private static Path directory() {
    try {
      Path directory = Files.createTempDirectory("sluice-fuzz");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    for (String file : List.of("p.yaml", "p.json", "p.test.yaml", "all.yaml", "")) {
      try {
        Files.deleteIfExists(directory.resolve(file));
      } catch (IOException _) {
        // the directory is temporary anyway
      }
    }
  }

  private static Path write(String name, byte[] content) {
    try {
      return Files.write(DIRECTORY.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
