package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Bytes a kernel calls a string: a path, a name. Mutable and reused, so that reading one allocates
/// nothing.
public final class Text {
  private byte[] bytes = new byte[256];
  private int length;

  public static Text of(String string) {
    var text = new Text();
    text.set(string.getBytes(StandardCharsets.UTF_8));
    return text;
  }

  public int length() {
    return length;
  }

  public boolean isEmpty() {
    return length == 0;
  }

  public byte at(int index) {
    return bytes[index];
  }

  /// The bytes themselves, of which the first [#length] count; not to be written to.
  public byte[] array() {
    return bytes;
  }

  public void clear() {
    length = 0;
  }

  public void set(byte[] source) {
    clear();
    append(source, 0, source.length);
  }

  public void set(Text source) {
    clear();
    append(source.bytes, 0, source.length);
  }

  public void set(NativeBytes source, int count) {
    reserve(count);
    source.get(0, bytes, 0, count);
    length = count;
  }

  public void append(byte[] source, int from, int count) {
    reserve(length + count);
    System.arraycopy(source, from, bytes, length, count);
    length += count;
  }

  public void append(NativeBytes source, int from, int count) {
    reserve(length + count);
    source.get(from, bytes, length, count);
    length += count;
  }

  public void append(char ascii) {
    reserve(length + 1);
    bytes[length++] = (byte) ascii;
  }

  public void truncate(int newLength) {
    length = Math.min(length, newLength);
  }

  public boolean equalTo(byte[] other) {
    return Arrays.equals(bytes, 0, length, other, 0, other.length);
  }

  public boolean startsWith(byte[] prefix) {
    return length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  public boolean endsWith(byte[] suffix) {
    return length >= suffix.length
        && Arrays.equals(bytes, length - suffix.length, length, suffix, 0, suffix.length);
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /// As UTF-8; what is not valid becomes U+FFFD, so this is for people, not for decisions.
  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private void reserve(int capacity) {
    if (capacity > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(capacity, 2 * bytes.length));
    }
  }
}
