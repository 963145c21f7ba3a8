package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A policy is replaced while its command runs.
class ReloadTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Path policy;

  @BeforeEach
  void makeFiles() throws IOException {
    sandbox.file("open", "this is open");
    sandbox.file("secret", "this is secret");
    policy = sandbox.file("policy.yaml", "");
    write("");
  }

  /// Replaces the policy in one step.
  private void write(String rules) throws IOException {
    Path other =
        sandbox.file("other.yaml", "sluice: v1\ndynamic: '@open'\nrules: [" + rules + "]\n");
    Files.move(other, policy, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private String denying(String name) {
    return "{name: no-%s, on: '@open', deny: EACCES, when: 'path.under(\"%s\")'}"
        .formatted(name, sandbox.path(name));
  }

  /// A shell that does what it is told.
  private Running shell(String... options) {
    return sandbox.command("sh").under(policy).option(options).start();
  }

  private static void expect(Running shell, String line, String output) {
    shell.type(line + "; echo done $?\n");
    shell.awaitOutput(output);
  }

  private Run reload(Running shell) {
    return sandbox.sluice("reload", "" + shell.pid()).run();
  }

  @Test
  void theNextCallIsDecidedByTheNewPolicy() throws IOException {
    try (Running shell = shell()) {
      expect(shell, "cat secret", "this is secretdone 0");
      write(denying("secret"));
      Run reload = reload(shell);
      assertThat(reload.status()).isZero();
      assertThat(reload.out()).isEqualTo(shell.supervisorPid() + ": reloaded\n");
      expect(shell, "cat secret; echo then $?; cat open", "then 1\nthis is opendone 0");
      write("");
      assertThat(reload(shell).status()).isZero();
      expect(shell, "cat secret secret", "this is secretthis is secretdone 0");
    }
  }

  /// A socket that lingers, which nobody else has any more, and whose data nobody takes.
  @Test
  void nobodyIsKeptWaitingByWhatIsSent() throws IOException {
    sandbox.file(
        "linger.py",
        """
        import array, glob, itertools, os, socket, struct, sys, time
        listening = socket.create_server(("127.0.0.1", 0))
        sending = socket.create_connection(listening.getsockname())
        receiving, _ = listening.accept()
        sending.setblocking(False)
        try:
            while True:
                sending.send(bytes(1 << 20))
        except BlockingIOError:
            pass
        sending.setblocking(True)
        sending.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 1000))
        rights = array.array("i", [sending.fileno()])
        base = os.environ.get("XDG_RUNTIME_DIR") or "/tmp"
        for path in itertools.cycle(glob.glob(base + sys.argv[1])):
            control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                control.connect(path)
            except ConnectionRefusedError:
                continue  # of one that was killed and had the same number
            try:
                control.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
                break
            except (BrokenPipeError, ConnectionResetError):
                control.close()  # it was answered before
        sending.close()
        control.close()
        print("sent", flush=True)
        time.sleep(1000)
        """);
    String python = Project.python("service").getFirst();
    try (Running shell = shell()) {
      expect(shell, "cat secret", "this is secretdone 0");
      String path = "/sluice-" + shell.supervisorPid() + "-*/reload";
      shell.type(python + " linger.py '" + path + "' & \n");
      shell.awaitOutput("sent");

      assertThat(reload(shell).status()).isZero();
      shell.type("kill $!\n");
    }
  }

  @Test
  void aPolicyThatIsWrongChangesNothing() throws IOException {
    write(denying("secret"));
    try (Running shell = shell()) {
      expect(shell, "cat secret", "done 1");
      write("{on: opne, allow: }");
      Run reload = reload(shell);
      assertThat(reload.status()).isEqualTo(2);
      assertThat(reload.err())
          .isEqualTo(
              policy
                  + ":3:14: error: unknown system call 'opne'; did you mean 'open'?\n"
                  + "sluice: process "
                  + shell.supervisorPid()
                  + " goes on with the policy it had\n");
      Files.delete(policy);
      assertThat(reload(shell).err()).startsWith(policy + ":1:1: error: there is no such file\n");
      expect(shell, "cat open secret", "this is opendone 1");
    }
  }

  @Test
  void whatTheInstalledFilterCannotExpressChangesNothing() throws IOException {
    try (Running shell = shell()) {
      expect(shell, "cat secret", "this is secretdone 0");
      write(denying("secret") + ", {on: '@chown', deny: EPERM}");
      Run reload = reload(shell);
      assertThat(reload.status()).isEqualTo(2);
      assertThat(reload.err())
          .startsWith(policy + ":3:")
          .contains(
              "'rule 2' cannot answer 'errno EPERM' to chown, fchown, lchown and 1 more before the"
                  + " command is started anew: the filter that is installed answers 'allow' by"
                  + " itself");
      expect(shell, "cat open secret", "this is openthis is secretdone 0");
    }
  }

  @Test
  void aWatchedFileIsReadWhenItChanges() throws IOException {
    try (Running shell = shell("--watch")) {
      expect(shell, "cat secret", "this is secretdone 0");
      write(denying("secret"));
      expect(shell, "while cat secret; do :; done; echo closed", "closed");
      write("{on: '@open', deny: EACCESS}");
      shell.awaitError("the policy has changed, but the one before still decides");
      assertThat(shell.err()).contains(policy + ":3:29: error: 'deny' takes an errno");
      expect(shell, "cat secret; echo still $?", "still 1");
    }
  }

  /// Such as many opens of its targets at once make.
  @Test
  @NeedsRoot
  void whoWantsAReloadWaitsUntilThereAreDescriptorsAgain() throws IOException {
    try (Running shell = shell()) {
      expect(shell, "cat secret", "this is secretdone 0");
      write(denying("secret"));
      String prlimit = "prlimit --pid " + shell.supervisorPid() + " --nofile=";
      sandbox.shell(prlimit + "3:").run().mustSucceed();
      reload(shell); // the one that was waited for had its descriptor already
      shell.awaitError("accept: EMFILE: whoever wants a reload waits");
      sandbox.shell("sleep 1").run().mustSucceed(); // in which it would be said ten times
      sandbox.shell(prlimit + "1024:").run().mustSucceed();
      assertThat(reload(shell).status()).isZero();
      expect(shell, "cat secret; echo then $?", "then 1");
      assertThat(shell.err().split("accept: EMFILE", -1)).hasSize(2);
    }
  }

  @Test
  void aDirectoryInThePlaceOfTheOneBeforeIsWatchedToo() throws IOException {
    policy = sandbox.file("policies/policy.yaml", Files.readString(policy));
    try (Running shell = shell("--watch")) {
      expect(shell, "cat secret", "this is secretdone 0");
      sandbox.shell("cp -r policies next && mv policies before").run().mustSucceed();
      String denying = Files.readString(sandbox.path("next/policy.yaml"));
      sandbox.file("next/policy.yaml", denying.replace("[]", "[" + denying("secret") + "]"));
      sandbox.shell("mv next policies").run().mustSucceed();
      expect(shell, "while cat secret; do :; done; echo closed", "closed");
    }
  }

  /// Each user may have so many instances of inotify(7); none in a namespace that says so.
  @Test
  void whatCannotBeWatchedDecidesAllTheSame() throws IOException {
    write(denying("secret"));
    String script = "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$0\" \"$@\"";
    var words = new ArrayList<>(List.of("unshare", "-r", "sh", "-c", script));
    words.addAll(List.of(Project.SCRIPT.toString(), "run", "--watch", "--policy"));
    words.addAll(List.of(policy.toString(), "--", "cat", "secret"));

    Run run = sandbox.command(words).run();

    assertThat(run.err())
        .startsWith(
            "sluice: --watch: \"" + policy + "\" cannot be watched, so that only 'sluice reload'")
        .endsWith("cat: secret: Permission denied\n");
    assertThat(run.status()).isEqualTo(1);
  }

  @Test
  void whoIsSupervisedMayNotAskForIt() throws IOException {
    try (Running shell = shell()) {
      String reload = "%s reload %d".formatted(Project.SCRIPT, shell.pid());
      expect(shell, reload, "done 2");
      assertThat(shell.err()).contains("refused: only processes that are not supervised may ask");
    }
  }

  /// A worker connects for it.
  @Test
  void norWhereItsConnectsArePerformed() throws IOException {
    Path connects =
        sandbox.policy("- { on: '@connect', when: 'address.port == 25', deny: EACCES }");
    try (Running shell = sandbox.command("sh").under(connects).start()) {
      expect(shell, "%s reload %d".formatted(Project.SCRIPT, shell.pid()), "done 2");
      assertThat(shell.err()).contains("refused: only processes that are not supervised may ask");
    }
  }

  @Test
  void nothingIsLostWhilePoliciesChange() throws IOException {
    String script =
        """
        read=0 not=0 last=
        while [ ! -e stop ]; do
          if true < secret; then read=$((read+1)) now=read; else not=$((not+1)) now=not; fi
          [ "$now" = "$last" ] || echo $now
          last=$now
        done 2>/dev/null
        echo $not
        """;
    Running opens = sandbox.shell(script).under(policy).option("--watch").start();
    for (int change = 1; change <= 20; change++) {
      int seen = change;
      opens.await("change " + change, () -> opens.out().lines().count() >= seen);
      write(change % 2 == 1 ? denying("secret") : "");
    }
    sandbox.file("stop", "");
    Run run = opens.finish();
    assertThat(run.status()).isZero();
    int denied = Integer.parseInt(run.lines().getLast());
    assertThat(run.recordsOf("no-secret")).hasSize(denied);
  }

  /// The first of them ends while it is asked.
  @Test
  void oneThatDoesNotAnswerKeepsNoOtherFromBeingAsked() throws IOException {
    Path run = sandbox.directory("run");
    String ending =
        """
        import os, socket
        os.makedirs("run/sluice-1-1")
        asked = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        asked.bind("run/sluice-1-1/reload")
        asked.listen()
        print("listening", flush=True)
        while True:
            asked.accept()[0].close()
        """;
    sandbox
        .command(Project.python("service").getFirst(), "-c", ending)
        .start()
        .awaitOutput("listening\n");
    Running shell =
        sandbox.command("sh").under(policy).environment("XDG_RUNTIME_DIR", run.toString()).start();
    expect(shell, "cat secret", "this is secretdone 0");
    write(denying("secret"));

    Run reload = sandbox.sluice("reload").environment("XDG_RUNTIME_DIR", run.toString()).run();

    assertThat(reload.err())
        .isEqualTo(
            "sluice: \"" + run.resolve("sluice-1-1/reload") + "\": it ended before it answered\n");
    assertThat(reload.out()).contains(shell.supervisorPid() + ": reloaded\n");
    assertThat(reload.status()).isEqualTo(125);
    expect(shell, "cat secret; echo then $?", "then 1");
  }

  @Test
  void withoutASupervisorThereIsNothingToReload() {
    // not this one, which has started those of other tests
    long pid = sandbox.command("sleep", "infinity").start().pid();
    Run reload = sandbox.sluice("reload", "" + pid).run();
    assertThat(reload.err())
        .isEqualTo("sluice: no supervisor of this user is running as process " + pid + "\n");
    assertThat(reload.status()).isEqualTo(2);
  }

  /// As it is behind su(1) or sudo(8).
  @Test
  @NeedsRoot
  void aRuntimeDirectoryOfAnotherUserIsPassedOver() {
    sandbox.shell("mkdir -m 700 run").run().mustSucceed();
    long pid = sandbox.command("sleep", "infinity").start().pid();

    Run reload =
        sandbox
            .sluice("reload", "" + pid)
            .environment("XDG_RUNTIME_DIR", sandbox.path("run").toString())
            .supervisedAs(User.ORDINARY)
            .run();

    assertThat(reload.err())
        .isEqualTo("sluice: no supervisor of this user is running as process " + pid + "\n");
  }

  /// Of systemd's, where /tmp may be full, or another for each service.
  @Test
  void theRuntimeDirectoryOfAServiceComesFirst() {
    String both = sandbox.directory("run") + ":" + sandbox.directory("other");
    Run run =
        sandbox
            .sluice("run", "--policy", policy.toString(), "--", "ls", "run", "other")
            .environment("RUNTIME_DIRECTORY", both)
            .environment("XDG_RUNTIME_DIR", sandbox.path("other").toString())
            .run()
            .mustSucceed();

    assertThat(run.out()).matches("other:\n\nrun:\nsluice-\\d+-\\d+\n");
  }

  /// A variable that is empty is none: the directory of a supervisor is not made where one is.
  @Test
  void anEmptyRuntimeDirectoryIsNone() throws IOException {
    String list = "ls; exit 3";
    Run run =
        sandbox
            .sluice("run", "--policy", policy.toString(), "--", "sh", "-c", list)
            .environment("XDG_RUNTIME_DIR", "")
            .run();

    assertThat(run.out()).isEqualTo("open\npolicy.yaml\nsecret\n");
    assertThat(run.status()).isEqualTo(3);
  }

  @Test
  void whatTheKernelDecidesAloneCannotBeWatched() {
    Path alone = sandbox.policy("- {on: mount, deny: EPERM}");
    Run run = sandbox.command("true").under(alone).option("--watch").run();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "sluice: --watch: the kernel decides all of this policy, so that nobody stays to watch"
                + " it; name the calls that may change under 'dynamic'\n");
  }
}
