package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.syscall.Arch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptorsTest {
  @TempDir private Path directory;

  @Test
  void anObjectIsOpenedOnceMore() throws IOException {
    int pinned = pin(file("file", "content"));
    int fd = Descriptors.reopen(pinned, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC);
    var bytes = NativeBytes.allocate(16);
    assertThat(Files.read(fd, bytes)).isEqualTo(7);
    Files.close(fd);
    Files.close(pinned);
  }

  @Test
  void itIsTheObjectThatIsOpenedWhateverItsNameMeansByThen() throws IOException {
    Path file = file("file", "old");
    int pinned = pin(file);
    java.nio.file.Files.delete(file);
    file("file", "longer");
    int fd = Descriptors.reopen(pinned, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC);
    assertThat(Files.read(fd, NativeBytes.allocate(16))).isEqualTo(3);
    Files.close(fd);
    Files.close(pinned);
  }

  @Test
  void aCallThatTakesAPathReachesAPinnedObject() throws IOException {
    Path file = file("file", "content");
    int pinned = pin(file);
    java.nio.file.Files.delete(file);
    file("file", "another");
    int truncate = Arch.host().number("truncate").orElseThrow();
    NativeBytes path = Descriptors.pathOf(pinned);
    assertThat(SystemCall.make(truncate, path.address(), 3, 0, 0, 0, 0)).isZero();
    assertThat(file).hasContent("another");
    int fd = Descriptors.reopen(pinned, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC);
    assertThat(Files.read(fd, NativeBytes.allocate(16))).isEqualTo(3);
    Files.close(fd);
    Files.close(pinned);
  }

  @Test
  void thePathOfADescriptorIsRead() throws IOException {
    Path file = file("file", "");
    int fd = pin(file);
    assertThat(link(fd)).isEqualTo(file.toRealPath().toString());
    java.nio.file.Files.delete(file);
    assertThat(link(fd)).endsWith("/file (deleted)");
    Files.close(fd);
    assertThat(Descriptors.readLink(fd)).isEqualTo(-Errno.ENOENT.number());
  }

  /// The kernel would cut it (proc(5)), and part of a path is another path.
  @Test
  void aPathTooLongToBeReadIsAnError() {
    String name = "d".repeat(250);
    var descent = new ArrayList<>(List.of(pin(directory)));
    for (int i = 0; i < 20; i++) {
      assertThat(SmallCalls.mkdirat(descent.getLast(), name)).isZero();
      descent.add(
          Files.openat(
              descent.getLast(),
              NativeBytes.ofString(name),
              OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC,
              0));
    }
    assertThat(Descriptors.readLink(descent.getLast())).isEqualTo(-Errno.ENAMETOOLONG.number());
    while (descent.size() > 1) {
      Files.close(descent.removeLast());
      assertThat(SmallCalls.rmdirat(descent.getLast(), name)).isZero();
    }
    Files.close(descent.getFirst());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 9, 10, 99, 100, 1023, 65535, Integer.MAX_VALUE})
  void aNumberIsWrittenInDecimal(int number) {
    var bytes = NativeBytes.allocate(16);
    bytes.putLong(8, -1);
    Descriptors.decimal(number, bytes, 2);
    byte[] text = new byte[16];
    bytes.get(0, text, 0, 16);
    String expected = number + "\0";
    assertThat(new String(text, 2, expected.length(), StandardCharsets.US_ASCII))
        .isEqualTo(expected);
    assertThat(bytes.getShort(0)).isZero();
  }

  private static String link(int fd) {
    int length = Descriptors.readLink(fd);
    byte[] path = new byte[length];
    Descriptors.link().get(0, path, 0, length);
    return new String(path, StandardCharsets.UTF_8);
  }

  private Path file(String name, String content) throws IOException {
    Path file = directory.resolve(name);
    java.nio.file.Files.writeString(file, content);
    return file;
  }

  private static int pin(Path path) {
    return Files.open(path.toString(), OpenFlags.O_PATH);
  }
}
