package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Descriptors;
import dev.sluice.supervisor.kernel.NativeBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One system call that is to be made for a target, as its handler puts it together: by us or, from
/// the same description, by a worker. One object serves all calls of a [Call], one after the other;
/// its arguments are given in the order of the registers.
public final class Operation {
  /// What an argument is.
  public enum Kind {
    VALUE,
    /// A descriptor of ours.
    DESCRIPTOR,
    /// A pointer to what the call reads.
    INPUT,
    /// A pointer to room for what the call writes.
    OUTPUT,
    /// A path that leads to what a descriptor of ours refers to, links not followed any further:
    /// for calls that take nothing but paths. At most one.
    PATH_OF
  }

  /// What stands in something that an argument points to, for structs of descriptors and pointers.
  ///
  /// @param argument whose index it is in
  /// @param place how many bytes from its beginning
  /// @param kind DESCRIPTOR or OUTPUT
  /// @param number a descriptor of ours, or the size of what is pointed to
  /// @param memory what is pointed to, if it is a pointer
  public record Member(
      int argument, int place, Kind kind, int number, Optional<NativeBytes> memory) {}

  /// The umask(2) does not matter.
  public static final int NO_UMASK = -1;

  /// The working directory does not matter.
  public static final int NO_DIRECTORY = -1;

  private static final int MAX_ARGUMENTS = 6;
  private static final int SMALL = 4096;
  private static final NativeBytes EMPTY = NativeBytes.ofString("");

  private final Kind[] kinds = new Kind[MAX_ARGUMENTS];
  private final long[] values = new long[MAX_ARGUMENTS];
  private final @Nullable NativeBytes[] memory = new NativeBytes[MAX_ARGUMENTS];
  private final List<Member> members = new ArrayList<>();
  private int nr;
  private int count;
  private int umask;
  private int directory;
  private boolean limited;
  private long fileSize;
  private boolean inDeviceCgroups;
  private @Nullable BooleanSupplier condition;
  private NativeBytes buffer = NativeBytes.allocate(SMALL);
  private NativeBytes text = NativeBytes.allocate(SMALL);

  /// Begins with the number of the call on this machine.
  public Operation begin(int syscall) {
    nr = syscall;
    count = 0;
    umask = NO_UMASK;
    directory = NO_DIRECTORY;
    limited = false;
    inDeviceCgroups = false;
    condition = null;
    Arrays.fill(values, 0);
    Arrays.fill(memory, null);
    members.clear();
    return this;
  }

  public Operation value(long value) {
    return add(Kind.VALUE, value, null);
  }

  public Operation descriptor(int fd) {
    return add(Kind.DESCRIPTOR, fd, null);
  }

  /// A descriptor and the empty path, which with AT_EMPTY_PATH mean what it refers to.
  public Operation itself(int fd) {
    return descriptor(fd).input(EMPTY, 1);
  }

  public Operation pathOf(int fd) {
    return add(Kind.PATH_OF, fd, null);
  }

  /// `size` bytes that the call reads.
  public Operation input(NativeBytes bytes, int size) {
    return add(Kind.INPUT, size, bytes);
  }

  /// A NUL-terminated string.
  public Operation string(NativeBytes text) {
    return input(text, text.indexOfNul(0, (int) text.size()) + 1);
  }

  /// A copy of `string` with a NUL behind it. At most one.
  public Operation text(Text string) {
    int length = string.length();
    if (text.size() <= length) {
      text = NativeBytes.allocate(length + 1L);
    }
    text.put(0, string.array(), 0, length);
    text.putByte(length, (byte) 0);
    return input(text, length + 1);
  }

  /// Room for `size` bytes in [#buffer].
  public Operation output(int size) {
    return output(buffer(size), size);
  }

  /// Room for `size` bytes elsewhere. What stands there already, the call may read.
  public Operation output(NativeBytes room, int size) {
    return add(Kind.OUTPUT, size, room);
  }

  /// What the last argument points to has the number of a descriptor of ours at `place`: an int.
  public Operation member(int place, int fd) {
    members.add(new Member(count - 1, place, Kind.DESCRIPTOR, fd, Optional.empty()));
    return this;
  }

  /// What the last argument points to has a pointer at `place`, of 64 bits, to `size` bytes that
  /// the call reads or writes.
  public Operation member(int place, NativeBytes bytes, int size) {
    members.add(new Member(count - 1, place, Kind.OUTPUT, size, Optional.of(bytes)));
    return this;
  }

  /// Under this umask(2).
  public Operation under(int mask) {
    umask = mask;
    return this;
  }

  /// In this working directory, a descriptor of ours: for calls that take none.
  public Operation in(int descriptor) {
    directory = descriptor;
    return this;
  }

  /// Under this limit on the size of files (RLIMIT_FSIZE), which only a process can have: for a
  /// worker.
  public Operation within(long limit) {
    limited = true;
    fileSize = limit;
    return this;
  }

  /// In the caller's cgroups, as far as they say which devices there are ([DeviceCgroups]): for a
  /// worker.
  public Operation inDeviceCgroups() {
    inDeviceCgroups = true;
    return this;
  }

  /// Only if this holds when there is somebody to make the call, who may have to be started first;
  /// else it fails with ESRCH. For what is named by a number that may come to mean something else.
  public Operation onlyIf(BooleanSupplier holds) {
    condition = holds;
    return this;
  }

  /// Whether it is still to be made.
  public boolean holds() {
    return condition == null || condition.getAsBoolean();
  }

  /// Room for what a call reads or writes, which grows to `size`, and loses its content then.
  public NativeBytes buffer(int size) {
    if (buffer.size() < size) {
      buffer = NativeBytes.allocate(size);
    }
    return buffer;
  }

  private Operation add(Kind kind, long value, @Nullable NativeBytes bytes) {
    kinds[count] = kind;
    values[count] = value;
    memory[count] = bytes;
    count++;
    return this;
  }

  /// The number of the call.
  public int nr() {
    return nr;
  }

  /// How many arguments it has.
  public int count() {
    return count;
  }

  /// [#NO_UMASK] or the umask(2) to make it under.
  public int umask() {
    return umask;
  }

  /// [#NO_DIRECTORY] or a descriptor of the working directory to make it in.
  public int directory() {
    return directory;
  }

  /// Whether it is to be made under a limit of its own on the size of files.
  public boolean isLimited() {
    return limited;
  }

  /// Whether it is to be made in the caller's cgroups.
  public boolean isInDeviceCgroups() {
    return inDeviceCgroups;
  }

  /// That limit.
  public long fileSize() {
    return fileSize;
  }

  /// What stands in what the arguments point to.
  public List<Member> members() {
    return members;
  }

  public Kind kind(int argument) {
    return kinds[argument];
  }

  /// A value, a descriptor, or the size of what an argument points to.
  public long number(int argument) {
    return values[argument];
  }

  /// What an argument points to.
  public NativeBytes memory(int argument) {
    NativeBytes bytes = memory[argument];
    if (bytes == null) {
      throw new IllegalStateException("argument " + argument + " is no pointer");
    }
    return bytes;
  }

  /// The register for an argument, if we make the call ourselves; valid until this thread asks for
  /// another path.
  long register(int argument) {
    if (argument >= count) {
      return 0;
    }
    return switch (kinds[argument]) {
      case VALUE, DESCRIPTOR -> values[argument];
      case INPUT, OUTPUT -> memory(argument).address();
      case PATH_OF -> Descriptors.pathOf((int) values[argument]).address();
    };
  }
}
