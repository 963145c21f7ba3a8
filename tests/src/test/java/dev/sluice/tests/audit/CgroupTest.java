package dev.sluice.tests.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.LimitedCgroup;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The cgroup of the caller in records.
@NeedsRoot
final class CgroupTest {
  private static final long MEMORY = 1L << 30;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Path everyOpen() {
    return sandbox.policy("- { name: opens, on: \"@open\", allow: , audit: always }");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void aRecordSaysWhichItsCallerIsIn() throws IOException {
    try (var group = LimitedCgroup.make(MEMORY, 1)) {
      String script = "cat outside; " + group.enter() + "cat inside";
      sandbox.file("outside", "");
      sandbox.file("inside", "");
      Run run = sandbox.shell(script).under(everyOpen()).run().mustSucceed();
      sandbox.awaitNoProcess();
      String audit = run.audit().orElseThrow().toString();
      String member = "task.cgroup == \"" + group.path() + "\"";
      Run inside = sandbox.sluice("log", "--where", member, audit).run().mustSucceed();
      assertThat(inside.out()).contains("\"inside\"").doesNotContain("\"outside\"");
      assertThat(sandbox.sluice("log", "export", audit).run().mustSucceed().out())
          .containsPattern(",\"\"\"" + group.path() + "\"\"\",.*inside");
    }
  }

  @Test
  void whoIsMovedIsFoundInTheOtherOne() throws IOException {
    sandbox.file("there", "");
    Running running =
        sandbox
            .shell("echo $$ > pid; while :; do : < there; sleep 0.05; done")
            .under(everyOpen())
            .start();
    Path audit = running.audit().orElseThrow();
    running.await("records", () -> read(audit).contains("\"pathname\":\"there\""));
    try (var group = LimitedCgroup.make(MEMORY, 1)) {
      group.add(Long.parseLong(read(sandbox.path("pid")).strip()));
      running.await(
          "a record of the move",
          () ->
              read(audit)
                  .lines()
                  .anyMatch(line ->
                      line.contains("\"pathname\":\"there\"")
                          && line.contains("\"cgroup\":\"" + group.path() + "\"")));
      running.signal("TERM");
      running.awaitStatus();
      sandbox.awaitNoProcess();
    }
  }
}
