package dev.sluice.tests.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The policies in `policies/` do what their first lines say.
final class ShippedPoliciesTest {
  private static final int SIGSYS_STATUS = 128 + 31;

  /// The path that strace shows of an open, however it went.
  private static final Pattern TRACED = Pattern.compile("(?:open|creat)[^\"]*\"([^\"]*)\"");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void protectSecretsDeniesSecretsAndNothingElse() throws IOException {
    Run run = protectSecrets("cat home/.ssh/id project/.env project/plain 2>messages");

    assertThat(run.out()).isEqualTo("plain\n");
    assertThat(Files.readAllLines(sandbox.path("messages")))
        .containsExactly(
            "cat: home/.ssh/id: Permission denied", "cat: project/.env: Permission denied");
    assertThat(run.recordsOf("secrets-stay-secret")).hasSize(2);
  }

  @Test
  void protectSecretsShowsAnEmptyHistoryAndKeepsTheRealOne() throws IOException {
    Run run = protectSecrets("cat ~/.bash_history; echo new >> ~/.bash_history; echo done");

    assertThat(run.mustSucceed().out()).isEqualTo("done\n");
    assertThat(Files.readString(sandbox.path("home/.bash_history"))).isEqualTo("history\n");
  }

  @Test
  void protectSecretsLetsNoHistoryBeReplaced() throws IOException {
    Run run = protectSecrets("mv project/plain ~/.bash_history");

    assertThat(run.status()).isNotZero();
    assertThat(Files.readString(sandbox.path("home/.bash_history"))).isEqualTo("history\n");
  }

  private Run protectSecrets(String script) {
    sandbox.file("home/.ssh/id", "secret\n");
    sandbox.file("home/.bash_history", "history\n");
    sandbox.file("project/.env", "secret\n");
    sandbox.file("project/plain", "plain\n");
    return sandbox
        .shell(script)
        .environment("HOME", sandbox.path("home").toString())
        .under(Project.policy("protect-secrets"))
        .run();
  }

  @Test
  void virtualFilesShowsAMachineOfItsOwn() {
    sandbox.file("home/.ssh/id", "secret\n");
    sandbox.file("home/.aws/credentials", "secret\n");
    sandbox.file("home/work/main.c", "main\n");
    String script =
        """
        cat /etc/resolv.conf /etc/hostname; head -n 1 /proc/meminfo; wc -l < /proc/meminfo
        cd; ls -A; find . -type f; cat .ssh/id; echo x > /etc/sluice-test; echo x > work/new && ls work
        """;
    Run run =
        sandbox
            .shell(script)
            .environment("HOME", sandbox.path("home").toString())
            .under(Project.policy("virtual-files"))
            .run();

    assertThat(run.lines())
        .containsExactly(
            "nameserver 127.0.0.53",
            "options edns0 trust-ad",
            "sandbox",
            "MemTotal:        2097152 kB",
            "7",
            "work",
            "./work/main.c",
            "main.c",
            "new");
    assertThat(run.err())
        .contains("cat: .ssh/id: No such file or directory")
        .contains("/etc/sluice-test: Read-only file system");
  }

  @Test
  @NeedsRoot
  void pretendRootLetsAnOrdinaryUserChangeOwners() {
    String script =
        """
        set -e
        touch file
        ln -sf file link
        chown 1:1 file
        chgrp 2 file
        chown -h 1:1 link
        mknod device c 1 3
        stat -c '%u:%g' file
        test ! -e device
        """;

    assertThat(sandbox.shell(script).as(User.ORDINARY).run().status()).as("natively").isEqualTo(1);
    assertThat(
            sandbox
                .shell(script)
                .supervisedAs(User.ORDINARY)
                .under(Project.policy("pretend-root"))
                .run()
                .mustSucceed()
                .out())
        .isEqualTo("4242:4242\n");
  }

  @Test
  void auditOpenRecordsEachOpenOnce() throws IOException {
    sandbox.file("text", "text\n");
    String script = "cat text missing; echo more > made; ls . > /dev/null";
    Path trace = sandbox.path("trace");
    var strace = List.of("strace", "-fqq", "-o", trace.toString());
    assumeThat(Path.of("/usr/bin/strace")).as("strace(1), to compare with").isExecutable();

    var words = new ArrayList<>(strace);
    words.addAll(List.of("-e", "trace=open,openat,openat2,creat", "-s", "4096"));
    words.addAll(List.of("sh", "-c", script));
    sandbox.command(words.toArray(String[]::new)).run();
    Files.delete(sandbox.path("made"));
    Run run = sandbox.shell(script).under(Project.policy("audit-open")).run();

    List<String> traced =
        Files.readAllLines(trace).stream()
            .map(TRACED::matcher)
            .filter(Matcher::find)
            .map(matcher -> matcher.group(1))
            .toList();
    assertThat(run.out()).isEqualTo("text\n");
    assertThat(run.records().stream().map(record -> record.text("path")).toList())
        .containsSubsequence("text", "missing", "made", ".")
        .containsExactlyElementsOf(traced);
    assertThat(run.records())
        .allMatch(record ->
            record
                .texts("rule", "action", "outcome", "class")
                .equals("opens allow observed REGISTERS"));
  }

  @Test
  void readOnlyLetsNothingBeChangedButWritesToDevicesAndPipes() {
    sandbox.file("text", "text\n");
    sandbox.file(
        "calls.py",
        """
        import fcntl, os, socket
        def attempt(what, action):
            try:
                action()
                print(what, "done")
            except OSError as e:
                print(what, os.strerror(e.errno))
        attempt("socket", lambda: socket.socket(socket.AF_UNIX).bind("socket"))
        attempt("abstract", lambda: socket.socket(socket.AF_UNIX).bind(f"\\0sluice-{os.getpid()}"))
        attempt("inet", lambda: socket.socket().bind(("127.0.0.1", 0)))
        FS_IOC_SETFLAGS = 0x40086602
        attempt("flags", lambda: fcntl.ioctl(os.open("text", os.O_RDONLY), FS_IOC_SETFLAGS, bytes(8)))
        FS_IOC_ENABLE_VERITY, BTRFS_IOC_SUBVOL_CREATE = 0x40806685, 0x5000940e
        attempt("verity", lambda: fcntl.ioctl(os.open("text", os.O_RDONLY), FS_IOC_ENABLE_VERITY, bytes(128)))
        attempt("subvolume", lambda: fcntl.ioctl(os.open(".", os.O_RDONLY), BTRFS_IOC_SUBVOL_CREATE, bytes(1024)))
        """);
    String script =
        """
        cat text >/dev/null; echo null $?
        { echo piped >/dev/stdout; } | cat
        echo x >/dev/full; echo full $?
        (echo x >text); echo text $?
        (echo x >new); echo new $?
        /usr/bin/python3 calls.py
        (ulimit -c >/dev/null; echo limit $?; ulimit -S -c 0); echo core $?
        cat text
        """;
    Run run = sandbox.shell(script).under(Project.policy("read-only")).run();

    assertThat(run.lines())
        .containsExactly(
            "null 0",
            "piped",
            "full 1",
            "text 2",
            "new 2",
            "socket Read-only file system",
            "abstract done",
            "inet done",
            "flags Operation not permitted",
            "verity Operation not permitted",
            "subvolume Operation not permitted",
            "limit 0",
            "core 2",
            "text");
    assertThat(sandbox.path("new")).doesNotExist();
    assertThat(sandbox.path("socket")).doesNotExist();
  }

  @Test
  void ciBuildKeepsSecretsWhereTheyAreThoughItsWorkspaceIsTheHome() {
    Path home = sandbox.directory("home");
    sandbox.file("home/.ssh/id", "secret\n");
    String script =
        """
        echo made >made
        ln .ssh/id copy; mv .ssh moved; mv .ssh/id moved; rm .ssh/id; chmod 644 .ssh/id
        for file in .ssh/id copy moved moved/id /proc/self/mem /proc/self/environ; do
          if [ -e $file ]; then (: <$file) && echo "$file was opened"; fi
        done
        ls -A
        """;
    Run run =
        sandbox
            .shell(script)
            .in(home)
            .environment("HOME", home.toString())
            .environment("PWD", home.toString())
            .under(Project.policy("ci-build"))
            .run();

    assertThat(run.lines()).containsExactly(".ssh", "made");
    assertThat(run.recordsOf("secrets-get-no-other-name")).isNotEmpty();
    assertThat(run.recordsOf("secrets-stay-as-they-are")).isNotEmpty();
    assertThat(run.recordsOf("nobody-elses-memory")).hasSize(2);
    assertThat(home.resolve(".ssh/id")).hasContent("secret");
  }

  @Test
  void webServiceStaysWhoAndWhereItIsAndWritesNoCode() {
    sandbox.file(
        "calls.py",
        """
        import ctypes, errno, os, threading
        libc = ctypes.CDLL(None, use_errno=True)
        libc.shmat.restype = ctypes.c_long
        def say(what, result):
            print(what, "done" if result >= 0 else errno.errorcode[ctypes.get_errno()], flush=True)
        CLONE_NEWUSER, SIGCHLD, SHM_EXEC, READ_IMPLIES_EXEC = 0x10000000, 17, 0o100000, 0x400000
        thread = threading.Thread(target=lambda: say("thread", 0))
        thread.start()
        thread.join()
        say("setuid", libc.setuid(os.getuid()))
        clone = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
        say("clone", libc.syscall(clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0))
        say("unshare", libc.unshare(CLONE_NEWUSER))
        say("ask", libc.personality(0xffffffff))
        say("personality", libc.personality(READ_IMPLIES_EXEC))
        memory = libc.shmget(0, 4096, 0o600)
        say("shmat", libc.shmat(memory, None, SHM_EXEC))
        say("shmctl", libc.shmctl(memory, 0, None))
        try:
            open("/proc/self/mem")
        except OSError as e:
            print("mem", errno.errorcode[e.errno])
        """);
    Run run =
        sandbox
            .command("/usr/bin/python3", "calls.py")
            .under(Project.policy("web-service"))
            .run()
            .mustSucceed();

    assertThat(run.lines())
        .containsExactly(
            "thread done",
            "setuid EPERM",
            "clone EPERM",
            "unshare ENOSYS",
            "ask done",
            "personality EPERM",
            "shmat EPERM",
            "shmctl done",
            "mem EPERM");
  }

  @Test
  void oneProgramExecutesNoOther() {
    Run run =
        sandbox
            .shell("(echo forked); /usr/bin/true; echo $?")
            .under(Project.policy("one-program"))
            .run();

    assertThat(run.lines()).containsExactly("forked", "126");
    assertThat(run.err()).isEqualTo("sh: 1: /usr/bin/true: Permission denied\n");
  }

  @Test
  void installedProgramsAreAllThatIsExecuted() throws IOException {
    Files.copy(Path.of("/usr/bin/true"), sandbox.path("true"));
    Files.copy(Path.of("/usr/bin/env"), sandbox.path("env"));
    executable(sandbox.file("script", "#!/bin/sh\n"));
    executable(sandbox.file("by-env", "#!" + sandbox.path("env") + " sh\n"));
    Run run =
        sandbox
            .shell("true && env true && for it in true script by-env; do ./$it; echo $?; done")
            .environment("PATH", "/usr/bin:/bin")
            .under(Project.policy("installed-programs"))
            .run();

    assertThat(run.lines()).containsExactly("126", "126", "126");
    assertThat(run.recordsOf("only-what-is-installed"))
        .hasSize(3)
        .allMatch(
            record -> record.texts("outcome", "errno", "class").equals("refused EACCES VERIFIED"));
  }

  @Test
  void nothingBecomesInstalledByAMount() throws IOException {
    Files.copy(Path.of("/usr/bin/true"), sandbox.path("true"));
    String script =
        """
        unshare -rm --propagation unchanged sh -c 'echo inside
        mount -t tmpfs none /opt && cp true /opt && /opt/true && echo executed'
        """;
    Run run = sandbox.shell(script).under(Project.policy("installed-programs")).run();

    assertThat(run.lines()).containsExactly("inside");
    assertThat(run.err()).startsWith("mount: /opt: ");
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void strictLetsAProgramReadAndWrite() {
    Run run = sandbox.program("strict").input("some input\n").under(Project.policy("strict")).run();

    assertThat(run.out()).isEqualTo("some input\n");
    assertThat(run.status()).isEqualTo(3);
  }

  @Test
  void strictKillsAProgramThatMakesAnotherCall() {
    var natively = sandbox.program("strict").input("some! input\n");
    var strictly = sandbox.program("strict").input("some! input\n");

    assertThat(natively.run().out()).isEqualTo("some! input\n");
    Run run = strictly.under(Project.policy("strict")).run();
    assertThat(run.out()).isEqualTo("some");
    assertThat(run.status()).isEqualTo(SIGSYS_STATUS);
    assertThat(sandbox.command("true").under(Project.policy("strict")).run().status())
        .as("a dynamically linked program does not get far")
        .isEqualTo(SIGSYS_STATUS);
  }
}
