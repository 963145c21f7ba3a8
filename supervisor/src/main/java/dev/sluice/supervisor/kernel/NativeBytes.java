package dev.sluice.supervisor.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A block of memory outside the heap, which a system call may be given. It lives as long as this
/// object is reachable; any thread may use it, one at a time.
public final class NativeBytes {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final MemorySegment segment;

  private NativeBytes(MemorySegment segment) {
    this.segment = segment;
  }

  /// `size` bytes of zeros, aligned for any struct.
  public static NativeBytes allocate(long size) {
    return new NativeBytes(Arena.ofAuto().allocate(size, 16));
  }

  /// `text` in UTF-8 with a NUL behind it.
  public static NativeBytes ofString(String text) {
    return new NativeBytes(Arena.ofAuto().allocateFrom(text, StandardCharsets.UTF_8));
  }

  public static NativeBytes of(byte... bytes) {
    return new NativeBytes(Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, bytes));
  }

  /// The first `size` bytes of a file, mapped shared: what is written here survives this process.
  public static NativeBytes mapFile(Path file, long size) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new NativeBytes(channel.map(FileChannel.MapMode.READ_WRITE, 0, size, Arena.ofAuto()));
    }
  }

  MemorySegment segment() {
    return segment;
  }

  public NativeBytes slice(long offset, long size) {
    return new NativeBytes(segment.asSlice(offset, size));
  }

  public long size() {
    return segment.byteSize();
  }

  /// For the pointer arguments of system calls.
  public long address() {
    return segment.address();
  }

  public byte getByte(long offset) {
    return segment.get(ValueLayout.JAVA_BYTE, offset);
  }

  public short getShort(long offset) {
    return segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset);
  }

  public int getInt(long offset) {
    return segment.get(INT, offset);
  }

  public long getLong(long offset) {
    return segment.get(LONG, offset);
  }

  public void putByte(long offset, byte value) {
    segment.set(ValueLayout.JAVA_BYTE, offset, value);
  }

  public void putShort(long offset, short value) {
    segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, value);
  }

  public void putInt(long offset, int value) {
    segment.set(INT, offset, value);
  }

  public void putLong(long offset, long value) {
    segment.set(LONG, offset, value);
  }

  public void clear() {
    segment.fill((byte) 0);
  }

  /// Copies `count` bytes from here to `to`.
  public void get(long offset, byte[] to, int toOffset, int count) {
    MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, to, toOffset, count);
  }

  /// Copies `count` bytes of `from` to here.
  public void put(long offset, byte[] from, int fromOffset, int count) {
    MemorySegment.copy(from, fromOffset, segment, ValueLayout.JAVA_BYTE, offset, count);
  }

  /// Copies `count` bytes of `from`, which may be this as well, to here.
  public void put(long offset, NativeBytes from, long fromOffset, long count) {
    MemorySegment.copy(from.segment, fromOffset, segment, offset, count);
  }

  /// The offset of the first NUL at or behind `from` and before `to`, or -1.
  public int indexOfNul(int from, int to) {
    for (int i = from; i < to; i++) {
      if (segment.get(ValueLayout.JAVA_BYTE, i) == 0) {
        return i;
      }
    }
    return -1;
  }
}
