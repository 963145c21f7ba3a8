package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.kernel.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is read of a task in proc(5), all of it or nothing.
class TaskStatusTest {
  private static String own() throws IOException {
    return Files.readString(Path.of("/proc/self/status"));
  }

  @Test
  void everyFieldIsThere() throws IOException {
    TaskStatus status = TaskStatus.parse(own());
    assertThat(status.tgid()).isEqualTo((int) ProcessHandle.current().pid());
    assertThat(status.nstgids()).isNotEmpty();
    assertThat(status.credentials().uids()).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Groups", "NStgid", "CapEff", "SigIgn"})
  void whatIsCutIsRefused(String field) throws IOException {
    String cut = own().substring(0, own().indexOf(field + ":") + field.length() + 3);
    assertThatThrownBy(() -> TaskStatus.parse(cut)).isSameAs(Abort.errno(Errno.EPERM));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4095, 4096, 4097, 16384, 65_000})
  void aFileIsReadToItsEnd(int size, @TempDir Path directory) throws IOException {
    String text = "x".repeat(size);
    assertThat(read(Files.writeString(directory.resolve("file"), text))).isEqualTo(text);
  }

  @Test
  void oneThatIsLongerThanAnyIsNotRead(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x".repeat(ProcText.MOST));
    assertThatThrownBy(() -> read(file)).isSameAs(Abort.errno(Errno.EPERM));
  }

  private static String read(Path file) {
    int fd = dev.sluice.supervisor.kernel.Files.open(file.toString(), 0);
    try {
      return ProcText.read(fd);
    } finally {
      dev.sluice.supervisor.kernel.Files.close(fd);
    }
  }
}
