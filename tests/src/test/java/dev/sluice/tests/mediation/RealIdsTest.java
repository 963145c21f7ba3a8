package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.Sandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// access(2) goes by the real ids, and who is root by them has its capabilities.
final class RealIdsTest {
  /// Whoever makes a user namespace says afterwards who is root in it.
  private static final String PROGRAM =
      """
      import ctypes, os
      CLONE_NEWUSER = 0x10000000
      uid, gid = os.getuid(), os.getgid()
      os.close(os.open("closed", os.O_CREAT | os.O_WRONLY, 0))
      assert ctypes.CDLL(None).unshare(CLONE_NEWUSER) == 0
      print(os.access("closed", os.R_OK), os.access("closed", os.R_OK))
      def write(name, text):
          with open("/proc/self/" + name, "w") as file:
              file.write(text)

      write("setgroups", "deny")
      write("gid_map", f"0 {gid} 1")
      write("uid_map", f"0 {uid} 1")
      print(os.access("closed", os.R_OK), os.access("closed", os.R_OK))
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void whoIsRootMayBeSaidLater() {
    sandbox.file("program.py", PROGRAM);
    Command natively = sandbox.shell("rm -f closed; python3 -B program.py");
    assertThat(natively.run().mustSucceed().lines()).containsExactly("False False", "True True");
    Command mediated = natively.under(sandbox.lookAtEverything());
    assertThat(mediated.run().mustSucceed().lines()).containsExactly("False False", "True True");
  }
}
