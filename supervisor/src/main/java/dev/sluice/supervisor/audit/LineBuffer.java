package dev.sluice.supervisor.audit;

import java.io.OutputStream;
import java.util.Arrays;

/// Bytes that grow, with access to those that are there.
final class LineBuffer extends OutputStream {
  private byte[] bytes = new byte[1 << 17];
  private int size;

  @Override
  public void write(int b) {
    reserve(1);
    bytes[size++] = (byte) b;
  }

  @Override
  public void write(byte[] source, int from, int count) {
    reserve(count);
    System.arraycopy(source, from, bytes, size, count);
    size += count;
  }

  private void reserve(int count) {
    if (size + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(size + count, 2 * bytes.length));
    }
  }

  /// The bytes themselves, of which the first [#size] count.
  byte[] array() {
    return bytes;
  }

  int size() {
    return size;
  }

  void truncate(int newSize) {
    size = newSize;
  }
}
