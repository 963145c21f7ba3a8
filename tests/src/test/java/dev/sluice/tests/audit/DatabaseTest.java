package dev.sluice.tests.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What `sluice run --audit sqlite:FILE` keeps, and what `sluice log` and `sluice replay` make of
/// it.
final class DatabaseTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Path policy() {
    return sandbox.policy(
        """
        - name: secrets
          on: "@open"
          when: path.under("%s/secret")
          deny: EACCES
        """
            .formatted(sandbox.directory()),
        "- { name: opens, on: \"@open\", allow: , audit: exact }");
  }

  private Path database() {
    return sandbox.path("log.db");
  }

  private Run run(Path policy) {
    sandbox.file("secret/key", "k");
    sandbox.file("open", "text");
    return sandbox
        .shell("cat open secret/key \"$(printf 'a\\n\\033[2Jb\\377c')\"")
        .under(policy)
        .option("--audit", "sqlite:" + database())
        .run();
  }

  private Run log(String... words) {
    return sandbox.sluice(words).run();
  }

  @Test
  void everyCommandReadsItAsItReadsLines() {
    Path policy = policy();
    String lines = run(policy).audit().orElseThrow().toString();
    sandbox.awaitNoProcess();
    String db = database().toString();
    for (String[] words :
        new String[][] {
          {"log", "--format", "json"},
          {"log", "--where", "path.under(\"" + sandbox.directory() + "\")"},
        }) {
      Run expected = log(with(words, lines)).mustSucceed();
      assertThat(expected.lines()).isNotEmpty();
      assertThat(log(with(words, db)).mustSucceed().out())
          .as(String.join(" ", words))
          .isEqualTo(expected.out());
    }
    assertThat(log("log", "verify", db).mustSucceed().lines()).hasSize(1);
    assertThat(log("replay", db, "--policy", policy.toString()).mustSucceed().out())
        .contains(" the same, 0 changed");
  }

  private static String[] with(String[] words, String file) {
    var all = Arrays.copyOf(words, words.length + 1);
    all[words.length] = file;
    return all;
  }

  /// As in an archive: SQLite would have to make files beside it.
  @Test
  @NeedsRoot
  void oneThatLiesWhereNothingCanBeMadeIsRead() throws IOException {
    run(policy());
    sandbox.awaitNoProcess();
    Path archive = sandbox.directory("archive");
    Files.move(database(), archive.resolve("log.db"));
    Run run =
        sandbox
            .command(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount --bind -o ro \"$1\" \"$1\" && \"$0\" log verify \"$1/log.db\"",
                Project.SCRIPT.toString(),
                archive.toString())
            .run();
    assertThat(run.mustSucceed().lines()).hasSize(1);
  }

  @Test
  void aSecondRunIsAddedToTheFirst() {
    Path policy = policy();
    run(policy);
    run(policy);
    sandbox.awaitNoProcess();
    assertThat(log("log", "verify", database().toString()).mustSucceed().lines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("session "));
    assertThat(log("log", "--action", "deny", database().toString()).mustSucceed().lines())
        .hasSize(2);
  }

  @Test
  void aSupervisorThatIsKilledLeavesItWhole() {
    Running running =
        sandbox
            .shell("while cat /etc/hostname; do :; done </dev/null >/dev/null")
            .under(policy())
            .option("--audit", "sqlite:" + database())
            .start();
    Path log = sandbox.path("log.db-wal");
    running.await("records", () -> log.toFile().length() > 500_000);
    Running.signal("KILL", running.supervisorPid());
    sandbox.awaitNoProcess();

    Run verify = log("log", "verify", database().toString());
    assertThat(verify.status()).isEqualTo(1);
    assertThat(verify.lines()).hasSize(2);
    assertThat(verify.out()).contains("ends here without a closing record");

    run(policy());
    sandbox.awaitNoProcess();
    assertThat(log("log", "verify", database().toString()).lines()).hasSize(3);
  }

  @Test
  void whatIsNoDatabaseIsRefusedAndLeftAlone() throws IOException {
    Path file = sandbox.file("text", "a text\n");
    Run run =
        sandbox.command("touch", "made").under(policy()).option("--audit", "sqlite:" + file).run();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "sluice: --audit: \""
                + file
                + "\" cannot be written: File opened that is not a database"
                + " file\n");
    assertThat(Files.readString(file)).isEqualTo("a text\n");
    assertThat(sandbox.path("made")).doesNotExist();
  }
}
