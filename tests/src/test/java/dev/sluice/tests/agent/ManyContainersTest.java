package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Containers that come and go while others stay: the short form of `tests/soak/run starts`.
final class ManyContainersTest {
  /// Less than what six containers need that have had 64 calls wait at once, if each kept it.
  private static final String OFF_HEAP = "-XX:MaxDirectMemorySize=8m";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void whatOneHasHadWaitIsThereForOthers() {
    String policy =
        sandbox
            .policy(
                "- {on: getppid, return: 4711}",
                "- {on: \"@open\", when: 'path.glob(\"/nowhere/**\")', deny: EACCES}")
            .toString();
    try (Agent agent = Agent.limited(OFF_HEAP, sandbox, "--policy", policy)) {
      Running containers =
          sandbox
              .command(Project.program("starts"), agent.socket().toString(), "20", "4", "6", "64")
              .start();
      containers.closeInput(); // goes on at once
      assertThat(containers.finish().mustSucceed().out())
          .containsPattern("half calls=\\d+ failed=0\nall calls=\\d+ failed=0\n")
          .containsPattern("ended calls=\\d{3,} failed=0\n$");
    }
  }
}
