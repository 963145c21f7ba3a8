package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Bytes a kernel calls a string: a path, a name. Mutable and reused, so that reading one allocates
/// nothing.
public final class Text {
  private byte[] bytes = new byte[256];
  private int length;
  private final BytePairs pairs = new BytePairs();

  /// How many of the bytes the pairs are of.
  private int paired;

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
    paired = 0;
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
    paired = 0;
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
    paired = 0;
  }

  public boolean equalTo(byte[] other) {
    return length == other.length && startsWith(other);
  }

  /// Paths often begin alike, and differ in the last byte.
  public boolean startsWith(byte[] prefix) {
    int last = prefix.length - 1;
    return last < 0
        || (last < length
            && bytes[last] == prefix[last]
            && Arrays.equals(bytes, 0, last, prefix, 0, last));
  }

  public boolean endsWith(byte[] suffix) {
    int from = length - suffix.length;
    int last = suffix.length - 1;
    return last < 0
        || (from >= 0
            && bytes[length - 1] == suffix[last]
            && Arrays.equals(bytes, from, length - 1, suffix, 0, last));
  }

  /// Whether all these pairs of neighbouring bytes may be in it. If not, they are not.
  public boolean mayHave(BytePairs others) {
    if (paired < length) {
      if (paired == 0) {
        pairs.clear();
      }
      for (int i = Math.max(paired, 1); i < length; i++) {
        pairs.add(bytes[i - 1], bytes[i]);
      }
      paired = length;
    }
    return pairs.mayHave(others);
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
