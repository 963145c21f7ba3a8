package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Calls that are newer than our tables are decided by the default, also where the supervisor is
/// asked.
final class UnknownCallsTest {
  /// No kernel has it yet.
  private static final int UNKNOWN = 4000;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Run make(String... head) throws IOException {
    Path policy =
        sandbox.file(
            "policy.yaml",
            """
            sluice: v1
            %s
            rules:
              - on: ["@default", "@system-service", "@process", "@file-system"]
                allow:
            """
                .formatted(String.join("\n", head)));
    return sandbox
        .command(
            "/usr/bin/python3",
            "-c",
            """
            import ctypes, errno
            libc = ctypes.CDLL(None, use_errno=True)
            result = libc.syscall(%d)
            print(result if result >= 0 else errno.errorcode[ctypes.get_errno()])
            """
                .formatted(UNKNOWN))
        .under(policy)
        .run();
  }

  @Test
  void returnsWhatTheDefaultSays() throws IOException {
    assertThat(make("default: { return: 5 }").mustSucceed().lines()).containsExactly("5");
  }

  @Test
  void leavesARecordIfThatIsDemanded() throws IOException {
    Run run = make("default: { deny: EXDEV }", "audit: { record: [deny] }");
    assertThat(run.mustSucceed().lines()).containsExactly("EXDEV");
    assertThat(run.recordsOf("default"))
        .extracting(entry -> entry.texts("syscall", "action"))
        .contains("syscall " + UNKNOWN + " deny");
  }
}
