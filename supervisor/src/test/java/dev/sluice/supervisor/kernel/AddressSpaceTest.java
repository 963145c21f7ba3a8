package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.PagesTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AddressSpaceTest {
  private static final int EFAULT = -Errno.EFAULT.number();

  private PagesTarget target;
  private AddressSpace memory;

  @BeforeAll
  void start() {
    target = new PagesTarget();
    memory = AddressSpace.of(target.pid());
  }

  @AfterAll
  void end() {
    memory.close();
    target.close();
  }

  @Test
  void writes() {
    assertThat(write("empty", "written")).isEqualTo(7);
    assertThat(read("empty", 8)).isEqualTo("written\0");
  }

  @Test
  void honoursPageProtection() {
    String before = read("is_readonly", 4);
    assertThat(write("is_readonly", "x")).isEqualTo(EFAULT);
    assertThat(read("is_readonly", 4)).isEqualTo(before);
  }

  @Test
  void writesWhatThereIsRoomForBeforeAHole() {
    assertThat(write("runs_into_a_hole", "abcdefgh")).isEqualTo(5);
  }

  @Test
  void refusesAddressesWhereNothingIs() {
    NativeBytes byteOf = NativeBytes.allocate(1);
    assertThat(write("is_a_hole", "x")).isEqualTo(EFAULT);
    assertThat(memory.write(0, byteOf, 0, 1)).isEqualTo(EFAULT);
    assertThat(memory.write(-1, byteOf, 0, 1)).isEqualTo(EFAULT);
    assertThat(memory.write(0xffff_8000_0000_0000L, byteOf, 0, 1)).isEqualTo(EFAULT);
  }

  @Test
  void neverGoesBeyondTheLocalBlock() {
    NativeBytes local = NativeBytes.allocate(8);
    assertThatThrownBy(() -> memory.write(target.address("empty"), local, 1, 8))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void staysThatOfTheProgramBefore() throws IOException {
    var shell = new ProcessBuilder("sh", "-c", "read go; exec tail -f /dev/null").start();
    try (var before = AddressSpace.of((int) shell.pid())) {
      shell.outputWriter().append("go\n").flush();
      long heap = heapOf(shell.pid(), "/tail");
      byte[] bytes = "other".getBytes(StandardCharsets.US_ASCII);
      assertThat(before.write(heap, NativeBytes.of(bytes), 0, bytes.length)).isEqualTo(EFAULT);
      int number = (int) shell.pid();
      assertThat(ProcessMemory.write(number, heap, NativeBytes.of(bytes), 0, bytes.length))
          .isEqualTo(bytes.length);
    } finally {
      shell.destroyForcibly();
    }
  }

  @Test
  void saysThatThereIsNoSuchProcess() {
    var gone = new PagesTarget();
    gone.close();
    assertThatThrownBy(() -> AddressSpace.of(gone.pid())).hasMessageContaining("ENOENT");
  }

  /// Where that of `program` begins, once the process executes it.
  private static long heapOf(long pid, String program) throws IOException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (System.nanoTime() < end) {
      String maps = java.nio.file.Files.readString(Path.of("/proc/" + pid + "/maps"));
      if (maps.contains(program) && maps.contains("[heap]")) {
        String line =
            maps.lines().filter(each -> each.endsWith("[heap]")).findFirst().orElseThrow();
        return Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
      }
      Thread.onSpinWait();
    }
    throw new AssertionError(program + " is not executed");
  }

  private int write(String name, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return memory.write(target.address(name), NativeBytes.of(bytes), 0, bytes.length);
  }

  private String read(String name, int count) {
    NativeBytes to = NativeBytes.allocate(count);
    assertThat(ProcessMemory.read(target.pid(), target.address(name), to, 0, count))
        .isEqualTo(count);
    byte[] bytes = new byte[count];
    to.get(0, bytes, 0, count);
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}
