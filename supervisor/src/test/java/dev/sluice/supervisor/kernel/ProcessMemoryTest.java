package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.PagesTarget;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProcessMemoryTest {
  private static final int EFAULT = -Errno.EFAULT.number();

  private final NativeBytes local = NativeBytes.allocate(64);
  private PagesTarget target;

  @BeforeAll
  void start() {
    target = new PagesTarget();
  }

  @AfterAll
  void end() {
    target.close();
  }

  @Test
  void readsAnotherProcess() {
    assertThat(read("short", 4, 6)).isEqualTo(6);
    assertThat(text(4, 6)).isEqualTo("abcde\0");
  }

  @Test
  void readsWhatThereIsBeforeAHole() {
    assertThat(read("runs_into_a_hole", 0, 64)).isEqualTo(5);
  }

  @Test
  void readsWhatThereIsBeforeAnUnreadablePage() {
    assertThat(read("runs_into_an_unreadable_page", 0, 64)).isEqualTo(5);
  }

  @Test
  void honoursPageProtection() {
    assertThat(read("is_unreadable", 0, 1)).isEqualTo(EFAULT);
    assertThat(read("is_readonly", 0, 1)).isEqualTo(1);
    assertThat(write("is_readonly", "x")).isEqualTo(EFAULT);
  }

  @Test
  void refusesAddressesWhereNothingIs() {
    assertThat(read("is_a_hole", 0, 1)).isEqualTo(EFAULT);
    assertThat(ProcessMemory.read(target.pid(), 0, local, 0, 1)).isEqualTo(EFAULT);
    assertThat(ProcessMemory.read(target.pid(), -1, local, 0, 1)).isEqualTo(EFAULT);
    long kernel = 0xffff_8000_0000_0000L;
    assertThat(ProcessMemory.read(target.pid(), kernel, local, 0, 1)).isEqualTo(EFAULT);
  }

  @Test
  void writesToAnotherProcess() {
    assertThat(write("empty", "written")).isEqualTo(7);
    assertThat(read("empty", 0, 8)).isEqualTo(8);
    assertThat(text(0, 8)).isEqualTo("written\0");
  }

  @Test
  void saysThatThereIsNoSuchProcess() {
    var gone = new PagesTarget();
    gone.close();
    assertThat(ProcessMemory.read(gone.pid(), gone.address("short"), local, 0, 1))
        .isEqualTo(-Errno.ESRCH.number());
  }

  @Test
  void neverGoesBeyondTheLocalBlock() {
    for (int[] offsetAndCount : new int[][] {{0, 65}, {64, 1}, {-1, 1}, {0, -1}, {1, 1 << 30}}) {
      int offset = offsetAndCount[0];
      int count = offsetAndCount[1];
      long address = target.address("short");
      assertThatThrownBy(() -> ProcessMemory.read(target.pid(), address, local, offset, count))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    int offset = Integer.MAX_VALUE;
    assertThatThrownBy(() -> ProcessMemory.read(target.pid(), 0, local, offset, offset))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  private int read(String name, int offset, int count) {
    return ProcessMemory.read(target.pid(), target.address(name), local, offset, count);
  }

  private int write(String name, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    var from = NativeBytes.of(bytes);
    return ProcessMemory.write(target.pid(), target.address(name), from, 0, bytes.length);
  }

  private String text(int offset, int count) {
    byte[] bytes = new byte[count];
    local.get(offset, bytes, 0, count);
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}
