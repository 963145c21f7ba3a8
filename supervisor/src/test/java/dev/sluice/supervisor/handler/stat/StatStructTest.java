package dev.sluice.supervisor.handler.stat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Stat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What no file at hand has. That the layouts are the kernel's, the end-to-end tests show.
class StatStructTest {
  /// Offsets in `struct statx`.
  private static final int NLINK = 16;

  private static final int UID = 20;
  private static final int GID = 24;
  private static final int INO = 32;
  private static final int SIZE = 40;

  private final NativeBytes statx = NativeBytes.allocate(Stat.size());
  private final NativeBytes result = NativeBytes.allocate(StatStruct.MAX);

  @ParameterizedTest
  @CsvSource({
    "I386_OLD, " + INO + ", 65535, true",
    "I386_OLD, " + INO + ", 65536, false",
    "I386_OLD, " + NLINK + ", 65536, false",
    "I386, " + NLINK + ", 65535, true",
    "I386, " + NLINK + ", 65536, false",
    "I386, " + INO + ", 4294967295, true",
    "I386, " + INO + ", 4294967296, false",
    "I386, " + SIZE + ", 2147483647, true",
    "I386, " + SIZE + ", 2147483648, false",
    "I386_64, " + INO + ", 4294967296, true",
    "I386_64, " + SIZE + ", 4294967296, true",
    "X86_64, " + INO + ", -1, true",
    "GENERIC, " + SIZE + ", 4294967296, true",
  })
  void whatHasNoRoomIsRefused(StatStruct struct, int field, long value, boolean fits) {
    if (field == NLINK) {
      statx.putInt(field, (int) value);
    } else {
      statx.putLong(field, value);
    }
    assertThat(struct.fill(new Stat(statx), result)).isEqualTo(fits);
  }

  @Test
  void anIdThatHasNoRoomIsShownAsTheOverflowId() {
    statx.putInt(UID, 65536);
    statx.putInt(GID, 65535);
    assertThat(StatStruct.I386.fill(new Stat(statx), result)).isTrue();
    assertThat(result.getShort(12)).isEqualTo((short) 65534);
    assertThat(result.getShort(14)).isEqualTo((short) 65535);
  }

  @Test
  void whatWasInTheBufferBeforeIsGone() {
    for (int i = 0; i < StatStruct.MAX; i++) {
      result.putByte(i, (byte) 0xa5);
    }
    assertThat(StatStruct.X86_64.fill(new Stat(statx), result)).isTrue();
    for (int i = 0; i < StatStruct.MAX; i++) {
      assertThat(result.getByte(i)).isZero();
    }
  }
}
