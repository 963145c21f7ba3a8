package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsI386;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Calls of i386, natively and under a policy for which they are calls like others: the same
/// results and errors, to the last byte of every structure. The cases are in the `i386.c` of each
/// program in `src/test/c`.
@NeedsI386
final class I386Test {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @CsvSource({
    "opens, '\"@open\"', 700",
    "stats, '\"@stat\", name_to_handle_at, inotify_add_watch, fanotify_mark', 250",
    "changes, '\"@modify\"', 1000",
    "execs, '\"@exec\"', 120"
  })
  void theyAreTheSameForTheUserWhoSupervises(String program, String calls, int atLeast) {
    compare(command -> command, program, calls, atLeast);
  }

  @ParameterizedTest
  @CsvSource({
    "opens, '\"@open\"', 700",
    "stats, '\"@stat\", name_to_handle_at, inotify_add_watch, fanotify_mark', 250",
    "changes, '\"@modify\"', 1000",
    "execs, '\"@exec\"', 120"
  })
  @NeedsRoot
  void theyAreTheSameForAnotherUser(String program, String calls, int atLeast) {
    compare(command -> command.as(User.ORDINARY), program, calls, atLeast);
  }

  private void compare(UnaryOperator<Command> who, String program, String calls, int atLeast) {
    sandbox.directory("native");
    sandbox.directory("mediated");
    String path = Project.program(program);
    Run natively = who.apply(sandbox.command(path, "native", "i386")).run().mustSucceed();
    Run mediated =
        who.apply(sandbox.command(path, "mediated", "i386"))
            .under(lookAt(calls))
            .run()
            .mustSucceed();

    assertThat(mediated.differencesOfOpensFrom(natively)).isEmpty();
    assertThat(natively.lines()).hasSizeGreaterThan(atLeast).doesNotContain("ENOSYS");
    assertThat(mediated.records())
        .as("they were mediated indeed")
        .filteredOn(entry -> entry.text("arch").equals("i386"))
        .hasSizeGreaterThan(atLeast / 3);
  }

  /// See `transparency.md`.
  @Test
  void whatIsOpenedWithoutALimitHasNone() {
    sandbox.directory("native");
    sandbox.directory("mediated");
    Run natively = sandbox.program("opens", "native", "unlimited").run();
    Run mediated =
        sandbox.program("opens", "mediated", "unlimited").under(lookAt("\"@open\"")).run();

    assertThat(natively.mustSucceed().lines())
        .containsExactly("# unlimited", "O_LARGEFILE 0", "beyond 2 GiB EFBIG");
    assertThat(mediated.mustSucceed().lines())
        .containsExactly("# unlimited", "O_LARGEFILE 1", "beyond 2 GiB written");
  }

  @Test
  void aProgramOfI386IsLookedAtAndExecutesOthers() {
    Path file = sandbox.file("file", "content\n");
    Path secret = sandbox.file("secret", "secret\n");
    String program = Project.program("thirtytwo");
    Path policy = policy("[\"@open\", \"@exec\"]", "path == \"" + secret + "\"");

    Run allowed = sandbox.command(program, file.toString(), "/bin/true").under(policy).run();
    Run denied = sandbox.command(program, secret.toString(), "/bin/true").under(policy).run();
    Run missing = sandbox.command(program, file.toString(), "/missing").under(policy).run();

    assertThat(allowed.mustSucceed().lines()).containsExactly("content");
    assertThat(allowed.records())
        .extracting(entry -> entry.texts("syscall", "arch", "class"))
        .contains("open i386 EMULATED", "execve i386 VERIFIED");
    assertThat(denied.status()).isEqualTo(13);
    assertThat(denied.out()).isEmpty();
    assertThat(missing.status()).isEqualTo(2);
  }

  private Path lookAt(String calls) {
    return policy("[" + calls + "]", "path.glob(\"/nowhere/**\")");
  }

  private Path policy(String calls, String when) {
    return sandbox.file(
        "i386.yaml",
        """
        sluice: v1
        name: test
        architectures: [x86_64, i386]
        rules:
          - name: denied
            on: %s
            when: '%s'
            deny: EACCES
          - name: hidden
            on: chdir
            when: path.glob("/nowhere/**")
            hide:
        """
            .formatted(calls, when));
  }
}
