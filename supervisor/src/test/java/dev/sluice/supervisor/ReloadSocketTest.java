package dev.sluice.supervisor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.UnixSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadSocketTest {
  @TempDir Path directory;

  /// The kernel takes connections for a supervisor that is stopped, too.
  @Test
  void whoDoesNotAnswerIsNotWaitedForLonger() {
    String path = directory.resolve(ReloadSocket.NAME).toString();
    int listening = UnixSocket.listen(path, 1);
    try {
      assertThatThrownBy(() -> ReloadSocket.askToReload(directory, Duration.ofSeconds(1)))
          .isInstanceOf(SluiceException.class)
          .hasMessage("\"" + path + "\": nothing came within 1 s");
    } finally {
      Files.close(listening);
    }
  }
}
