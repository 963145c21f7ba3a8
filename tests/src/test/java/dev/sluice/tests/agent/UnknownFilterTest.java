package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A container whose profile was written by hand, and notifies what its author thought of.
@NeedsRoot
final class UnknownFilterTest {
  private static final String RULE =
      "- { on: '@open', when: 'path.endsWith(\"/no\")', deny: EACCES }";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void whoGivesUpRightsUnseenHasThemNoMore() throws IOException {
    Path secret = sandbox.file("secret", "of root");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    try (Agent _ = Agent.start(sandbox, "--policy", sandbox.policy(RULE).toString())) {
      var words = new ArrayList<>(Project.python("dropped"));
      words.add(sandbox.path("agent.sock").toString());
      words.add(secret.toString());
      Run run = sandbox.command(words).run().mustSucceed();

      assertThat(run.out().lines()).containsExactly("root may", "another Permission denied");
    }
  }

  /// Its records, too.
  @Test
  void aProfileAsAPolicyIsNotTakenToTellOfChanges() throws IOException {
    Path profile =
        sandbox.file(
            "profile.json",
            """
            {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]}
            """);
    Path place = sandbox.directory("place");
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwxrwx"));
    String program =
        """
        import os, sys
        os.mkdir(sys.argv[1] + "/by-root")
        os.setgid(1000)
        os.setuid(1000)
        os.mkdir(sys.argv[1] + "/by-another")
        """;
    Run run =
        sandbox
            .command("python3", "-c", program, place.toString())
            .under(profile)
            .run()
            .mustSucceed();

    String records = Files.readString(run.audit().orElseThrow());
    assertThat(records.lines().filter(line -> line.contains("by-root")))
        .isNotEmpty()
        .allMatch(line -> line.contains("\"uid\":0,"));
    assertThat(records.lines().filter(line -> line.contains("by-another")))
        .isNotEmpty()
        .allMatch(line -> line.contains("\"uid\":1000,"));
  }
}
