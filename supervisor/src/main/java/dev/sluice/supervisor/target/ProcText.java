package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import java.nio.charset.StandardCharsets;

/// The text of a file of proc(5): all of it, or none.
///
/// Such a file has no size that could be asked for. One that is a single record, such as `status`,
/// is of one moment if it is read at once; of others, such as `uid_map`, one read(2) gives no more
/// than a page.
final class ProcText {
  /// Enough for nearly all of them.
  private static final int USUAL = 4096;

  /// A `status` with some 9,000 groups. There may be 65,536 (`NGROUPS_MAX`), but to read and parse
  /// them would take the event loop milliseconds for each task of somebody who wants that.
  static final int MOST = 1 << 16;

  /// As much as the thread has needed so far.
  private static final ThreadLocal<NativeBytes> ROOM =
      ThreadLocal.withInitial(() -> NativeBytes.allocate(USUAL));

  private ProcText() {}

  /// The same of a file that is a single record: a read(2) that leaves room has read all of it.
  static String readRecord(int fd) {
    return read(fd, true);
  }

  /// Its bytes as Latin-1. Throws [Abort], with EPERM if it is longer than [#MOST]: whoever decides
  /// by half of it decides wrongly.
  ///
  /// @param fd open for reading, and nothing of it has been read
  static String read(int fd) {
    return read(fd, false);
  }

  private static String read(int fd, boolean isRecord) {
    NativeBytes room = ROOM.get();
    int length = fill(room, fd, isRecord);
    while (length == room.size()) {
      if (length >= MOST) {
        throw Abort.errno(Errno.EPERM);
      }
      room = NativeBytes.allocate(4 * room.size());
      ROOM.set(room);
      Proc.check((int) Files.seek(fd, 0));
      length = fill(room, fd, isRecord);
    }
    byte[] bytes = new byte[length];
    room.get(0, bytes, 0, length);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /// Returns how much there was, up to all that there is room for.
  private static int fill(NativeBytes room, int fd, boolean isRecord) {
    int length = 0;
    int got = 1;
    while (got > 0 && length < room.size() && !(isRecord && length > 0)) {
      got = Proc.check(Files.read(fd, room, length));
      length += got;
    }
    return length;
  }
}
