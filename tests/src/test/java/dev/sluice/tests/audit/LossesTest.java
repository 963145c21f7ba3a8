package dev.sluice.tests.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What becomes of records when the supervisor is killed, or there is no room for them: `verify`
/// finds every loss, and none that was none. `tests/soak/run audit` does it for longer.
final class LossesTest {
  private static final Path FAKETIME =
      Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1");

  /// The closing record may come after the end of the command is known: it is given 50 ms before.
  /// Logs are closed in the order they were named.
  private static final String AWAIT_END =
      "until tail -n 1 log.jsonl | grep -q '^{\"type\":\"end\"'; do sleep 0.1; done";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  /// One sandbox, one log of each kind, which every session is added to.
  @Test
  void supervisorsThatAreKilledAtAnyTimeLeaveWholeLogs() {
    Path lines = sandbox.path("log.jsonl");
    Path database = sandbox.path("log.db");
    var random = new Random();
    int kills = 2;
    for (int i = 0; i < kills; i++) {
      long size = lines.toFile().length() + 20_000 + random.nextInt(200_000);
      Running running =
          sandbox
              .command(
                  Project.SCRIPT.toString(),
                  "run",
                  "--policy",
                  Project.policy("audit-open").toString(),
                  "--audit",
                  lines.toString(),
                  "--audit",
                  "sqlite:" + database,
                  "--audit-limit",
                  "1G",
                  "--",
                  "sh",
                  "-c",
                  "while : </etc/hostname; do :; done")
              .start();
      running.await("records", () -> lines.toFile().length() > size);
      Running.signal("KILL", running.supervisorPid());
      sandbox.awaitNoProcess();
    }
    for (Path log : new Path[] {lines, database}) {
      Run verify = sandbox.sluice("log", "verify", log.toString()).run();
      assertThat(verify.status()).isEqualTo(1);
      assertThat(verify.lines().stream().filter(line -> line.startsWith("session ")))
          .hasSize(kills);
      assertThat(verify.lines().stream().filter(line -> line.contains("without a closing record")))
          .hasSize(kills);
      // and the line that each was writing, perhaps
      assertThat(verify.lines().stream().filter(line -> !line.startsWith("session ")))
          .allMatch(line ->
              line.contains("without a closing record")
                  || line.contains("is no line of an audit log")
                  || line.contains("the last line is not complete"));
    }
  }

  /// A real one: it fills up while records are written, and is emptied again.
  @Test
  @NeedsRoot
  void whatAFullDiskHadNoRoomForIsAGap() {
    Path disk = sandbox.directory("disk");
    Path said = sandbox.path("said");
    String opens = "for i in $(seq 500); do : </etc/hostname; done";
    Run run =
        sandbox
            .command(
                "unshare",
                "--mount",
                "sh",
                "-c",
                """
                mount -t tmpfs -o size=8M none "$1" && cd "$1" || exit
                "$0" run --policy "$2" --audit sqlite:log.db --audit log.jsonl -- sh -c '
                  cat /dev/zero >filler
                  until [ "$(grep -c "are lost from here on" "$0")" -ge 2 ]; do %s; done
                  rm filler; : </etc/hostname' "$3" 2>"$3" || exit
                %s
                "$0" log verify log.jsonl && "$0" log verify log.db
                """
                    .formatted(opens, AWAIT_END),
                Project.SCRIPT.toString(),
                disk.toString(),
                Project.policy("audit-open").toString(),
                said.toString())
            .run();
    assertThat(run.status()).as(run.toString()).isZero();
    assertThat(run.lines())
        .hasSize(2)
        .allMatch(line -> line.matches("session \\S+: \\d+ records, [1-9]\\d* lost, hash \\S+"));
    assertThat(said)
        .content()
        .contains("records cannot be written: No space left on device")
        .contains("records cannot be written: Insertion failed because database is full");
  }

  /// On a disk without room for one more file, and then with.
  @Test
  @NeedsRoot
  void aFileThatNoneCanTakeThePlaceOfIsGoneOnWith() {
    Path disk = sandbox.directory("disk");
    Path said = sandbox.path("said");
    String opens = "for i in $(seq 100); do : </etc/hostname; done";
    Run run =
        sandbox
            .command(
                "unshare",
                "--mount",
                "sh",
                "-c",
                """
                mount -t tmpfs -o nr_inodes=3 none "$1" && cd "$1" && : >filler || exit
                "$0" run --policy "$2" --audit log.jsonl --audit-limit 64K -- sh -c '
                  until grep -q "no other file" "$0"; do %1$s; done
                  rm filler; until [ -e log.jsonl.000001 ]; do %1$s; done' "$3" 2>"$3" || exit
                %2$s
                "$0" log verify log.jsonl.000001 log.jsonl
                """
                    .formatted(opens, AWAIT_END),
                Project.SCRIPT.toString(),
                disk.toString(),
                Project.policy("audit-open").toString(),
                said.toString())
            .run();
    assertThat(run.status()).as(run.toString()).isZero();
    assertThat(run.lines())
        .singleElement(STRING)
        .matches("session \\S+: [1-9]\\d* records, hash \\S+");
    assertThat(said)
        .content()
        .contains("no other file can take its place: No space left on device");
  }

  @Test
  void whatNobodyReadsAnyMoreIsSaidToBeLost() {
    Run run =
        sandbox
            .shell(
                """
                mkfifo records && head -n 1 records >first &
                until [ -p records ]; do :; done
                "%s" run --policy "%s" --audit records -- sh -c '
                  : </etc/hostname; until [ -s first ]; do :; done; : </etc/hostname; exit 3'
                """
                    .formatted(Project.SCRIPT, Project.policy("audit-open")))
            .run();
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.err())
        .containsPattern("\"records\": [1-9]\\d* records were not written: Broken pipe");
  }

  /// They are waited for first when the command has ended, and once more when nobody is left.
  @Test
  void whatNobodyGoesOnToReadIsSaidOnceNotToBeWritten() {
    Run run =
        sandbox
            .shell(
                """
                mkfifo records && exec 3<>records
                "%s" run --policy "%s" --audit records -- sh -c '
                  i=0; while [ $i -lt 1000 ]; do : </etc/hostname; i=$((i + 1)); done'
                """
                    .formatted(Project.SCRIPT, Project.policy("audit-open")))
            .run();
    assertThat(run.status()).isZero();
    assertThat(run.err()).containsOnlyOnce("the audit log takes no more records");
  }

  /// A day back, two ahead, and to where it was; each time until a record has the new day.
  @Test
  void aClockThatJumpsLosesNothing() {
    assumeTrue(Files.exists(FAKETIME), "libfaketime is not installed");
    Path offset = sandbox.file("offset", "+0");
    sandbox
        .sluice(
            "run",
            "--policy",
            Project.policy("audit-open").toString(),
            "--audit",
            "log.jsonl",
            "--audit",
            "sqlite:log.db",
            "--",
            "sh",
            "-c",
            """
            for to in -1d +2d +0; do
              echo $to >offset
              until grep -q '"time":"'$(date +%F) log.jsonl; do : </etc/hostname; done
            done
            """)
        .environment("LD_PRELOAD", FAKETIME.toString())
        .environment("FAKETIME_TIMESTAMP_FILE", offset.toString())
        .environment("FAKETIME_NO_CACHE", "1")
        .environment("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .run()
        .mustSucceed();
    for (String log : List.of("log.jsonl", "log.db")) {
      Run verify = sandbox.sluice("log", "verify", log).run().mustSucceed();
      assertThat(verify.lines())
          .singleElement(STRING)
          .matches("session \\S+: [1-9]\\d* records, hash \\S+");
    }
  }
}
