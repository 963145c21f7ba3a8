package dev.sluice.tests.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.Javac;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Handlers that others have written, good ones and bad ones. A bad one costs its own call an errno
/// and nothing else.
final class PlugInTest {
  private static final String REFUSED =
      "mkdir: cannot create directory 'made': Input/output error\n";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private PlugIns plugIns;

  @BeforeEach
  void makeDirectory() {
    plugIns = new PlugIns(sandbox);
  }

  /// That of the manual.
  @Test
  void aHandlerEmulatesACall() {
    plugIns.with("example.PretendInit", Javac.codeIn("src/docs/handlers.md"));

    Run run =
        supervised("echo my parent is $PPID", rule("getppid", "pretend-init")).run().mustSucceed();

    assertThat(run.out()).isEqualTo("my parent is 1\n");
    assertThat(run.recordsOf("plug-in"))
        .isNotEmpty()
        .allSatisfy(record ->
            assertThat(record.texts("syscall", "action", "outcome", "value"))
                .isEqualTo("getppid emulate performed 1"));
  }

  @Test
  void aHandlerLooksAtTheCallAndAnswersWithWhatItLikes() {
    plugIns.withMkdir(
        "choosy",
        """
        String path = call.string(call.name().equals("mkdirat") ? 1 : 0).toString();
        return switch (path) {
          case "pretended" -> Verdict.Return.of(0);
          case "busy" -> Verdict.Fail.of(Errno.EBUSY.number());
          default -> throw Abort.errno(Errno.ENOSPC);
        };
        """);

    Run run = supervised("mkdir pretended && ls; mkdir busy; mkdir other", mkdir("choosy")).run();

    assertThat(run.out()).doesNotContain("pretended\n");
    assertThat(run.err())
        .isEqualTo(
            """
            mkdir: cannot create directory 'busy': Device or resource busy
            mkdir: cannot create directory 'other': No space left on device
            """);
    assertThat(run.recordsOf("plug-in"))
        .extracting(record -> record.texts("outcome", "errno"))
        .containsExactly("performed ", "refused EBUSY", "refused ENOSPC");
  }

  @Test
  void aHandlerGivesAFileThatIsNowhere() {
    plugIns.with(
        "Motd",
        """
        import dev.sluice.supervisor.handler.*;
        import dev.sluice.supervisor.policy.Verdict;
        import dev.sluice.supervisor.target.Call;
        import java.util.Set;

        public final class Motd implements SyscallHandler {
          @Override public String name() { return "motd"; }
          @Override public Set<String> syscalls() {
            return Set.of("open", "openat", "openat2", "creat");
          }
          @Override public Verdict handle(Call call, Context context) {
            return context.file("motd", "be nice\\n".getBytes(), false);
          }
        }
        """);

    Run run =
        supervised(
                "cat text; cat /dev/null; echo over",
                """
                - {name: plug-in, on: "@open", when: path.glob("**/text"), emulate: motd}
                """)
            .run();

    assertThat(run.mustSucceed().out()).isEqualTo("be nice\nover\n");
  }

  /// It is configured whenever the policy has been read and is another: to see that it is right, as
  /// it is when that is over, and when it is seen that it has changed since.
  @Test
  void aPolicyThatChangesWhileItIsBeingLoadedIsReadAgain() {
    plugIns.with(
        "Changing",
        """
        import dev.sluice.supervisor.handler.*;
        import dev.sluice.supervisor.policy.Verdict;
        import dev.sluice.supervisor.target.Call;
        import java.nio.file.*;
        import java.util.*;

        public final class Changing implements SyscallHandler {
          private int times;
          @Override public String name() { return "changing"; }
          @Override public Set<String> syscalls() { return Set.of("getppid"); }
          @Override public Verdict handle(Call call, Context context) {
            return Verdict.Return.of(times);
          }
          @Override public SyscallHandler configure(Map<String, String> options) {
            if (++times < 3) {
              Path policy = Path.of(options.get("policy"));
              try {
                Files.writeString(policy, Files.readString(policy) + "# changed\\n");
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            }
            return this;
          }
        }
        """);
    Path policy = sandbox.path("changing.yaml");
    sandbox.file(
        "changing.yaml",
        "sluice: v1\nrules:\n- {on: getppid, emulate: {handler: changing, policy: %s}}\n"
            .formatted(policy));
    // 1 when it is loaded first, then twice each time it is read again
    String script = "while [ $(sh -c 'echo $PPID') -lt 4 ]; do :; done; echo read again";

    Run run =
        sandbox
            .shell(script)
            .under(policy)
            .option("--plugins", plugIns.directory().toString(), "--watch")
            .run();

    assertThat(run.mustSucceed().out()).isEqualTo("read again\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "throw new IllegalStateException(\"oops\"); | threw java.lang.IllegalStateException: oops",
        "throw new Error(\"worse\"); | threw java.lang.Error: worse",
        "throw PlugIn_.sneaky(new java.io.IOException(\"x\")); | threw java.io.IOException: x",
        "throw new OutOfMemoryError(\"all gone\"); | threw java.lang.OutOfMemoryError: all gone",
        "return handle(call, context); | threw java.lang.StackOverflowError",
        "throw Abort.GONE; | gave up",
        "return null; | answered null",
        "return Verdict.Fail.of(0); | answered Fail[errno=0]",
        "return Verdict.Fail.of(-5); | answered Fail[errno=-5]",
        "return Verdict.Fail.of(5000); | answered Fail[errno=5000]",
        "return new Verdict.InjectFd(-1, false, false); | answered InjectFd[fd=-1,"
            + " closeOnExec=false, readOnly=false]",
        "return new Verdict.Emulate(null); | answered Emulate[emulation=null]",
      })
  void aHandlerThatFailsCostsItsCallAnErrno(String body, String said) {
    plugIns.withMkdir("bad", body.replace("PlugIn_.", "Handler_bad."));

    Run run = supervised("cat text; mkdir made; cat text; exit 7", mkdir("bad")).run();

    assertThat(run.status()).isEqualTo(7);
    assertThat(run.out()).isEqualTo("a text\na text\n");
    assertThat(run.err().lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .matches(
                        "sluice: handler bad \\Q%s\\E at mkdir(at)? of thread \\d+: the call fails"
                                .formatted(said)
                            + " with EIO"),
            line -> assertThat(line + "\n").isEqualTo(REFUSED));
    assertThat(run.recordsOf("plug-in"))
        .extracting(record -> record.texts("action", "outcome", "errno"))
        .containsExactly("emulate refused EIO");
  }

  /// The kernel says so, when it is to take it.
  @Test
  void aDescriptorThatIsNotOpenCostsItsCallAnErrno() {
    plugIns.withMkdir("bad", "return Verdict.InjectFd.of(1_000_000, false);");

    Run run = supervised("cat text; mkdir made; cat text; exit 7", mkdir("bad")).run();

    assertThat(run.status()).isEqualTo(7);
    assertThat(run.out()).isEqualTo("a text\na text\n");
    assertThat(run.err()).isEqualTo("mkdir: cannot create directory 'made': Bad file descriptor\n");
    assertThat(run.recordsOf("plug-in"))
        .extracting(record -> record.texts("action", "outcome", "errno"))
        .containsExactly("emulate refused EBADF");
  }

  /// Others do not wait for it, which they would do for ever.
  @Test
  void aHandlerThatNeverReturnsHoldsUpItsOwnCallOnly() {
    plugIns.withMkdir("endless", "while (true) { Thread.yield(); }");

    Run run =
        supervised(
                """
                mkdir made 2>said &
                for n in 1 2; do cat text; done
                wait $!
                echo status $?
                cat said
                exit 7
                """,
                mkdir("endless"))
            .run();

    assertThat(run.status()).isEqualTo(7);
    assertThat(run.out()).isEqualTo("a text\n".repeat(2) + "status 1\n" + REFUSED);
    assertThat(run.recordsOf("plug-in"))
        .extracting(record -> record.texts("action", "outcome", "errno"))
        .containsExactly("emulate refused EIO");
    sandbox.awaitNoProcess();
  }

  /// No more than eight threads are lost to it.
  @Test
  void aHandlerThatNeverReturnsIsNotGivenMoreAndMore() {
    plugIns.withMkdir(
        "stuck",
        """
        while (true) {
          try { Thread.sleep(Long.MAX_VALUE); } catch (InterruptedException e) {}
        }
        """);

    Run run =
        supervised(
                """
                for n in 1 2 3 4 5 6 7 8; do mkdir made & done
                cat text
                wait
                # eight are inside for good
                for n in 1 2 3 4 5 6 7 8; do mkdir made; done
                cat text
                """,
                mkdir("stuck"))
            .run();

    assertThat(run.out()).isEqualTo("a text\na text\n");
    // those of the eight at once may be mixed up
    assertThat(run.err().split("Input/output error", -1)).hasSize(17);
    assertThat(run.recordsOf("plug-in")).hasSize(16);
  }

  @Test
  void aKilledCallerIsNotWaitedFor() {
    plugIns.withMkdir("endless", "while (true) {}");

    Run run =
        supervised("(exec mkdir made) & kill -9 $!; wait $!; echo status $?", mkdir("endless"))
            .run();

    assertThat(run.out()).isEqualTo("status 137\n");
    assertThat(run.status()).isZero();
  }

  /// After five failures in a row it is left alone for ten seconds, and then tried again.
  @Test
  void aHandlerThatFailsAgainAndAgainRests() {
    plugIns
        .withMkdir(
            "recovers",
            """
            if (calls.incrementAndGet() <= 5) {
              throw new IllegalStateException("not yet");
            }
            return Verdict.Return.of(0);
            """)
        .with("example.PretendInit", Javac.codeIn("src/docs/handlers.md"));

    Run run =
        supervised(
                """
                for n in 1 2 3 4 5 6 7; do mkdir made; done
                sh -c 'echo my parent is $PPID'
                until mkdir made 2> error; do sleep 0.2; done
                echo recovered
                """,
                mkdir("recovers") + rule("getppid", "pretend-init"))
            .run();

    assertThat(run.status()).isZero();
    assertThat(run.out()).isEqualTo("my parent is 1\nrecovered\n");
    assertThat(run.err().lines().filter(line -> line.contains("IllegalStateException"))).hasSize(5);
    assertThat(run.err())
        .contains("sluice: handler recovers failed 5 times in a row and rests for 10 s\n")
        .contains(String.join("", Collections.nCopies(2, REFUSED)));
  }

  private Command supervised(String script, String rules) {
    sandbox.file("text", "a text\n");
    // and all opens are mediated
    Path policy =
        sandbox.policy(
            rules,
            """
            - {name: nothing, on: "@open", when: path.under("/nowhere/else"), deny: EACCES}
            """);
    return sandbox
        .shell(script)
        .environment("LC_ALL", "C")
        .under(policy)
        .option("--plugins", plugIns.directory().toString());
  }

  private static String mkdir(String handler) {
    return rule("[mkdir, mkdirat]", handler);
  }

  private static String rule(String on, String handler) {
    return "- {name: plug-in, on: %s, emulate: %s, audit: always}%n".formatted(on, handler);
  }
}
