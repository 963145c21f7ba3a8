package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.ProcessMemory;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Copies of the vectors that registers of a call point to, for its record: as much as there is
/// room for. Nothing is decided by them.
///
/// Strings stand one behind the other, each with its NUL but for one that was cut. A buffer is its
/// address, its length and how many bytes of it follow, 64 bits each; then those, up to the next
/// multiple of 8. How many follow is -1 if they were not looked at.
final class VectorArguments {
  static final int MAX_VECTORS = 2;
  static final int MAX_TEXT = 2 * 4096;
  static final int MAX_STRINGS = 256;
  static final int MAX_BUFFERS = 16;

  /// As much as strace(1) shows.
  static final int MAX_DATA = 32;

  /// `UIO_MAXIOV`: with more, the call fails.
  private static final int MOST_BUFFERS = 1024;

  private static final int SIZEOF_MSGHDR = 56;
  private static final int SCRATCH = MAX_BUFFERS * 2 * Long.BYTES;

  private final Call call;

  /// Most calls have none: so it is made for the first that has.
  private @Nullable NativeBytes made;

  private final int[] begins = new int[MAX_VECTORS];
  private final int[] ends = new int[MAX_VECTORS];
  private final boolean[] present = new boolean[MAX_VECTORS];
  private final boolean[] cut = new boolean[MAX_VECTORS];
  private int end;
  private int word = Long.BYTES;

  VectorArguments(Call call) {
    this.call = call;
  }

  void begin() {
    end = 0;
    for (int i = 0; i < MAX_VECTORS; i++) {
      present[i] = false;
    }
  }

  /// Copies those that are `shown`. One that the kernel could not read either is left out, and all
  /// are if the caller is gone.
  void copy(Set<Vector> shown) {
    List<VectorParameter> parameters = VectorParameter.of(call.name());
    begin();
    word = call.arch().is64Bit() ? Long.BYTES : Integer.BYTES;
    boolean any = false;
    for (int i = 0; i < parameters.size(); i++) {
      VectorParameter parameter = parameters.get(i);
      if (shown.contains(parameter.kind())) {
        begins[i] = end;
        cut[i] = false;
        present[i] =
            parameter.kind() == Vector.DATA ? copyBuffers(i, parameter) : copyStrings(i, parameter);
        end = present[i] ? end : begins[i];
        ends[i] = end;
        any |= present[i];
      }
    }
    if (any && !call.isValid()) {
      begin();
    }
  }

  private NativeBytes bytes() {
    NativeBytes all = made;
    if (all == null) {
      all = NativeBytes.allocate(MAX_VECTORS * MAX_TEXT + SCRATCH);
      made = all;
    }
    return all;
  }

  private boolean copyStrings(int index, VectorParameter parameter) {
    int limit = end + MAX_TEXT;
    long place = call.arg(parameter.register());
    for (int count = 0; place != 0; count++) {
      if (!readScratch(place, word)) {
        return false;
      }
      long string = scratchWord(0);
      if (string == 0) {
        break;
      }
      if (count == MAX_STRINGS || end == limit) {
        cut[index] = true;
        break;
      }
      int length = TargetMemory.readString(call.tid(), string, bytes(), end, limit);
      if (length == TargetMemory.TOO_LONG) {
        cut[index] = true;
        end = limit;
        break;
      }
      if (length < 0) {
        return false;
      }
      end += length + 1;
      place += word;
    }
    return true;
  }

  private boolean copyBuffers(int index, VectorParameter parameter) {
    long place = call.arg(parameter.register());
    long count = parameter.count() < 0 ? 0 : call.arg(parameter.count());
    if (parameter.isMessage()) {
      if (place == 0 || !readScratch(place, word == Long.BYTES ? SIZEOF_MSGHDR : 7 * word)) {
        return false;
      }
      place = scratchWord(2 * word);
      count = scratchWord(3 * word);
    }
    if (count < 0 || count > MOST_BUFFERS) {
      return false;
    }
    int shown = (int) Math.min(count, MAX_BUFFERS);
    cut[index] = shown < count;
    if (shown > 0 && !readScratch(place, shown * 2 * word)) {
      return false;
    }
    for (int i = 0; i < shown; i++) {
      long base = scratchWord(i * 2 * word);
      addBuffer(base, scratchWord(i * 2 * word + word), parameter.outgoing());
    }
    return true;
  }

  private void addBuffer(long base, long length, boolean outgoing) {
    int head = end;
    end += 3 * Long.BYTES;
    int read = -1;
    if (outgoing && length >= 0) {
      int want = (int) Math.min(length, MAX_DATA);
      read = want == 0 ? 0 : ProcessMemory.read(call.tid(), base, bytes(), end, want);
    }
    bytes().putLong(head, base);
    bytes().putLong(head + Long.BYTES, length);
    bytes().putLong(head + 2 * Long.BYTES, Math.max(read, -1));
    end += (Math.max(read, 0) + Long.BYTES - 1) & -Long.BYTES;
  }

  private boolean readScratch(long address, int count) {
    int offset = MAX_VECTORS * MAX_TEXT;
    return ProcessMemory.read(call.tid(), address, bytes(), offset, count) == count;
  }

  private long scratchWord(int offset) {
    int place = MAX_VECTORS * MAX_TEXT + offset;
    return word == Long.BYTES
        ? bytes().getLong(place)
        : Integer.toUnsignedLong(bytes().getInt(place));
  }

  boolean isPresent(int index) {
    return present[index];
  }

  /// Whether there was more than there is room for.
  boolean isCut(int index) {
    return cut[index];
  }

  int length(int index) {
    return ends[index] - begins[index];
  }

  void get(int index, byte[] to, int offset) {
    bytes().get(begins[index], to, offset, length(index));
  }
}
