package dev.sluice.supervisor.handler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Calls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlugInTest {
  /// Serves a file, and keeps what it says.
  private static final class Late implements SyscallHandler {
    private final List<Verdict> verdicts = new ArrayList<>();

    @Override
    public String name() {
      return "serving";
    }

    @Override
    public Set<String> syscalls() {
      return Set.of("openat");
    }

    @Override
    public Verdict handle(Call call, Context context) {
      Verdict verdict = context.file("served", new byte[] {1}, true);
      verdicts.add(verdict);
      while (!call.cancellation().isHandlerLate(System.nanoTime())) {
        Thread.onSpinWait();
      }
      return verdict;
    }
  }

  @Test
  void aDescriptorThatComesTooLateIsClosed() throws Exception {
    var handler = new Late();
    Call call = Calls.of(Arch.host(), "openat");
    call.allowBlocking();

    Verdict verdict = new PlugIn(handler, Map.of(), Duration.ofMillis(1)).perform(call);

    assertThat(verdict).isEqualTo(Verdict.Fail.of(Errno.EIO.number()));
    Path fd = Path.of("/proc/self/fd/" + ((Verdict.InjectFd) handler.verdicts.getFirst()).fd());
    assertThat(Files.isSymbolicLink(fd) && Files.readSymbolicLink(fd).toString().contains("served"))
        .as(fd + " is still open")
        .isFalse();
  }
}
