package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What an init system in a container asks of the machine.
@NeedsRoot
final class SystemContainerTest {
  private static final Path POLICY = Project.policy("system-container");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void whatIsTheMachinesIsAnsweredWithoutIt() throws IOException {
    String calls =
        """
        import ctypes, errno, os
        libc = ctypes.CDLL(None, use_errno=True)
        def call(name, *arguments):
            result = getattr(libc, name)(*arguments)
            error = errno.errorcode[ctypes.get_errno()] if result < 0 else result
            print(name, error, flush=True)
        call('swapon', b'/dev/nothing', 0)
        call('swapoff', b'/dev/nothing')
        call('klogctl', 3, ctypes.create_string_buffer(100), 100)
        call('quotactl', 0, None, 0, None)
        print('keyctl', errno.errorcode[ctypes.get_errno()] if libc.syscall(250, 0, -3, 0) < 0 else 'a ring')
        """;
    Run run = sandbox.container("python3", "-c", calls).under(POLICY).run().mustSucceed();

    assertThat(run.lines())
        .containsExactly(
            "swapon 0", "swapoff 0", "klogctl EPERM", "quotactl ENOSYS", "keyctl ENOSYS");
  }

  /// reboot(2): the init of the pid namespace is killed by the signal that says why.
  @ParameterizedTest
  @CsvSource({"restart, 0x1234567, 1", "power off, 0x4321fedc, 2"})
  void aRebootEndsTheContainer(String what, String command, int signal) throws IOException {
    String calls = "import ctypes; ctypes.CDLL(None).reboot(" + command + ")";
    String script = "python3 -c '" + calls + "'; echo still here";

    assertThat(sandbox.container("sh", "-c", script).under(POLICY).run())
        .as(what)
        .satisfies(run -> assertThat(run.status()).isEqualTo(128 + signal))
        .satisfies(run -> assertThat(run.out()).isEmpty());
  }
}
