package dev.sluice.supervisor.handler.stat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.NativeBytes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What no file system at hand has. That the layouts are the kernel's, the end-to-end tests show.
class StatfsStructTest {
  private final NativeBytes statfs = NativeBytes.allocate(StatfsStruct.SIZE);
  private final NativeBytes result = NativeBytes.allocate(StatfsStruct.I386_64.size());

  @ParameterizedTest
  @CsvSource({
    // blocks
    "I386, 16, 4294967295, true",
    "I386, 16, 4294967296, false",
    "I386_64, 16, 4294967296, true",
    // free blocks for anybody
    "I386, 32, 4294967296, false",
    // files: -1 if nobody knows
    "I386, 40, 4294967296, false",
    "I386, 40, -1, true",
    "I386, 48, 4294967296, false",
    "I386, 48, -1, true",
    // block size
    "I386_64, 8, 4294967296, false",
  })
  void whatHasNoRoomIsRefused(StatfsStruct struct, int field, long value, boolean fits) {
    statfs.putLong(field, value);
    assertThat(struct.fill(statfs, result)).isEqualTo(fits);
  }
}
