package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Whoever makes a call under a limit of its caller is without it in the next, when it notes what
/// it makes for an agent that may be killed.
@NeedsRoot
final class CallersLimitsTest {
  private static final String PROGRAM =
      """
      import os, resource
      open("file", "w").close()
      if os.fork() == 0:
          resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
          os.truncate("file", 0)
          os._exit(0)
      os.wait()
      os.mkdir("made")
      print(os.path.isdir("made"))
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void aLimitOnTheSizeOfFilesIsTheCallers() {
    Path policy =
        sandbox.policy("- { on: ['@open', '@modify'], when: path.under('/no'), deny: EACCES }");
    Path program = sandbox.file("program.py", PROGRAM);
    try (var agent = Agent.start(sandbox, "--keep", "--policy", policy.toString())) {
      String socket = agent.socket().toString();
      assertThat(
              sandbox
                  .sluice("run", "--agent=" + socket, "--", "python3", "-B", program.toString())
                  .run()
                  .mustSucceed()
                  .out())
          .isEqualTo("True\n");
    }
  }
}
