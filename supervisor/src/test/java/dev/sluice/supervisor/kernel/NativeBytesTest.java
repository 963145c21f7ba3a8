package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeBytesTest {
  @TempDir private Path directory;

  @Test
  void beginsAsZerosAtAnAddressFitForAnyStruct() {
    var bytes = NativeBytes.allocate(100);
    assertThat(bytes.size()).isEqualTo(100);
    assertThat(bytes.address() % 16).isZero();
    for (int i = 0; i < 100; i++) {
      assertThat(bytes.getByte(i)).isZero();
    }
  }

  @Test
  void keepsNumbersAtAnyOffset() {
    var bytes = NativeBytes.allocate(32);
    bytes.putByte(0, (byte) -1);
    bytes.putShort(1, (short) -2);
    bytes.putInt(3, -3);
    bytes.putLong(7, -4);
    assertThat(bytes.getByte(0)).isEqualTo((byte) -1);
    assertThat(bytes.getShort(1)).isEqualTo((short) -2);
    assertThat(bytes.getInt(3)).isEqualTo(-3);
    assertThat(bytes.getLong(7)).isEqualTo(-4);
    bytes.clear();
    assertThat(bytes.getLong(0) | bytes.getLong(7)).isZero();
  }

  @Test
  void makesAStringOfTheCLibrary() {
    var bytes = NativeBytes.ofString("é");
    assertThat(bytes.size()).isEqualTo(3);
    assertThat(bytes.getByte(0)).isEqualTo((byte) 0xc3);
    assertThat(bytes.getByte(1)).isEqualTo((byte) 0xa9);
    assertThat(bytes.getByte(2)).isZero();
  }

  @Test
  void findsTheFirstNulBetweenTwoOffsets() {
    var bytes = NativeBytes.of((byte) 1, (byte) 0, (byte) 1, (byte) 0);
    assertThat(bytes.indexOfNul(0, 4)).isEqualTo(1);
    assertThat(bytes.indexOfNul(1, 4)).isEqualTo(1);
    assertThat(bytes.indexOfNul(2, 4)).isEqualTo(3);
    assertThat(bytes.indexOfNul(2, 3)).isEqualTo(-1);
    assertThat(bytes.indexOfNul(4, 4)).isEqualTo(-1);
  }

  @Test
  void isNeverReadOrWrittenBeyondItsEnd() {
    var bytes = NativeBytes.allocate(8);
    assertThatThrownBy(() -> bytes.getLong(1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> bytes.putByte(8, (byte) 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> bytes.slice(4, 5)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> bytes.get(0, new byte[9], 0, 9))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> bytes.put(0, new byte[9], 0, 9))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aSliceIsTheSameMemory() {
    var bytes = NativeBytes.allocate(16);
    bytes.slice(8, 8).putLong(0, 7);
    assertThat(bytes.getLong(8)).isEqualTo(7);
    assertThat(bytes.slice(8, 8).address()).isEqualTo(bytes.address() + 8);
  }

  @Test
  void aMappedFileHasWhatWasWrittenToTheMemory() throws IOException {
    Path file = directory.resolve("journal");
    java.nio.file.Files.write(file, new byte[4096]);
    var bytes = NativeBytes.mapFile(file, 4096);
    bytes.putLong(8, 0x0102030405060708L);
    byte[] content = java.nio.file.Files.readAllBytes(file);
    assertThat(content).hasSize(4096);
    assertThat(ByteBuffer.wrap(content).order(ByteOrder.nativeOrder()).getLong(8))
        .isEqualTo(0x0102030405060708L);
    assertThat(content[0]).isZero();
  }
}
