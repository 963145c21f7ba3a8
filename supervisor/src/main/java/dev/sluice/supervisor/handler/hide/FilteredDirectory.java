package dev.sluice.supervisor.handler.hide;

import dev.sluice.supervisor.kernel.Descriptors;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.kernel.SystemCall;
import dev.sluice.supervisor.policy.HiddenNames;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Effect;
import dev.sluice.supervisor.target.Filesystems;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.Syscalls;
import dev.sluice.supervisor.target.Text;

/// An open directory of a caller, as far as it may see its entries.
///
/// An entry says where the next one lies, which stays true if that one is hidden: whoever goes
/// there is given the one behind it.
final class FilteredDirectory {
  private static final int EINVAL = -Errno.EINVAL.number();
  private static final int EFAULT = -Errno.EFAULT.number();

  /// What the C library asks for; whoever asks for more is given less.
  private static final int MAX = 1 << 15;

  private static final ThreadLocal<NativeBytes> BUFFERS =
      ThreadLocal.withInitial(() -> NativeBytes.allocate(MAX));

  private final Call call;
  private final int directory;
  private final HiddenNames hidden;
  private final NativeBytes buffer = BUFFERS.get();
  private final DirectoryEntries entries;

  /// The path of the directory with a slash behind it, and then that of an entry.
  private final Text path = new Text();

  private int pathLength;

  /// @param directory a descriptor of ours for the same open file
  FilteredDirectory(Call call, int directory, HiddenNames hidden) {
    this.call = call;
    this.directory = directory;
    this.hidden = hidden;
    this.entries = new DirectoryEntries(buffer, call.name().equals("getdents"));
  }

  /// Gives the caller the next entries. Returns how many bytes, 0 at the end, or -errno. Throws
  /// [Abort].
  int list() {
    int size = Math.clamp(call.intArg(2), 0, MAX); // to the kernel, too, half of all are below 0
    long start = begin();
    while (true) {
      if (call.progress().isKept()) {
        call.progress().means(Effect.READING, start);
        call.progress().mark();
      }
      int read = read(size);
      if (read > 0) {
        int left = filter(read);
        if (left > 0) {
          return give(left, start);
        }
        // nothing but hidden names: there may be others
      } else if (read != EINVAL || !passesHidden()) {
        return read;
      }
    }
  }

  /// Where the caller is in the directory; where it was, if somebody before us has read on for it.
  private long begin() {
    var before = call.unfinished();
    if (before.isPresent() && before.get().effect() == Effect.READING) {
      Files.seek(directory, before.get().base());
      call.forgetUnfinished();
    }
    return Files.tell(directory);
  }

  /// What depends on who asks, another process may have to ask; and what may never be answered.
  private int read(int size) {
    int nr = call.kind().nr();
    var stat = new Stat();
    int error = Files.fstat(directory, stat);
    if (error < 0) {
      return error;
    }
    Filesystems.Kind kind = Filesystems.of(call, directory, stat);
    if (kind == Filesystems.Kind.PROMPT
        || kind == Filesystems.Kind.STACKED
        || !stat.isDirectory()) {
      return (int) SystemCall.make(nr, directory, buffer.address(), size, 0, 0, 0);
    }
    Syscalls syscalls = kind == Filesystems.Kind.SLOW ? call.patientSyscalls() : call.syscalls();
    Operation operation = call.operation().begin(nr).descriptor(directory).output(size).value(size);
    int read = (int) syscalls.make(operation, false);
    if (read > 0) {
      buffer.put(0, operation.buffer(size), 0, read);
    }
    return read;
  }

  /// Takes hidden names out; returns how many bytes are left.
  private int filter(int size) {
    int left = 0;
    for (int entry = 0; entry < size; ) {
      int length = entries.length(entry);
      if (!isHidden(entry)) {
        buffer.put(left, buffer, entry, length);
        entries.clearPadding(left);
        left += length;
      }
      entry += length;
    }
    return left;
  }

  private boolean isHidden(int entry) {
    if (entries.isDots(entry)) {
      return false;
    }
    if (pathLength == 0) {
      int length = Descriptors.readLink(directory);
      if (length < 0) {
        throw Abort.errno(-length);
      }
      path.set(Descriptors.link(), length);
      if (length > 1) {
        path.append('/');
      }
      pathLength = path.length();
    }
    path.truncate(pathLength);
    entries.appendName(entry, path);
    return hidden.contain(call, path);
  }

  /// The next entry finds no room. If it is hidden, the caller must not hear of it.
  private boolean passesHidden() {
    long here = Files.tell(directory);
    boolean isHidden = read(DirectoryEntries.MAX_ENTRY) > 0 && isHidden(0);
    Files.seek(directory, isHidden ? entries.next(0) : here);
    return isHidden;
  }

  /// Writes the first `size` bytes to the caller's memory, or as many entries as find room there.
  private int give(int size, long start) {
    int written;
    try {
      written = call.memory().writeSome(call.arg(1), buffer, 0, size);
    } catch (Abort unwritten) {
      Files.seek(directory, start); // to be read when the call is made again
      throw unwritten;
    }
    if (written == size) {
      return size;
    }
    int whole = entries.whole(written, size);
    Files.seek(directory, whole == 0 ? start : entries.nextBehind(whole));
    return whole == 0 ? EFAULT : whole;
  }
}
