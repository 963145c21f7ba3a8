package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.SyscallException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// A file that nobody else writes records to while it is open (flock(2)). The lock ends with the
/// process, however that ends. A lock of fcntl(2) would end whenever this process closes the same
/// file, as it does for a supervised program that reads it.
///
/// @param lock a descriptor, or -1 for what is no regular file and has no lock
record LockedFile(FileChannel channel, int lock) {
  private static final Set<StandardOpenOption> MAKING =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /// What is there, or a new file that only its owner may read.
  ///
  /// @throws IOException if it cannot be opened, or another has it
  static LockedFile open(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      return new LockedFile(FileChannel.open(file, StandardOpenOption.WRITE), -1);
    }
    // says in words why it cannot
    FileChannel.open(file, MAKING, OWNER_ONLY).close();
    int lock = lock(file);
    Path locked = Path.of("/proc/self/fd/" + lock);
    try {
      if (!Files.isSameFile(file, locked)) {
        throw inUse(); // it was renamed meanwhile, as it was full
      }
      var channel = FileChannel.open(locked, StandardOpenOption.READ, StandardOpenOption.WRITE);
      return new LockedFile(channel, lock);
    } catch (IOException e) {
      dev.sluice.supervisor.kernel.Files.close(lock);
      throw e;
    }
  }

  private static int lock(Path file) throws IOException {
    int fd;
    try {
      fd = dev.sluice.supervisor.kernel.Files.open(file.toString(), OpenFlags.O_RDWR);
    } catch (SyscallException e) {
      throw new IOException(e.getMessage(), e);
    }
    int rc = dev.sluice.supervisor.kernel.Files.lock(fd);
    if (rc < 0) {
      dev.sluice.supervisor.kernel.Files.close(fd);
      throw rc == -Errno.EAGAIN.number() ? inUse() : new IOException("flock: " + Errno.nameOf(-rc));
    }
    return fd;
  }

  private static IOException inUse() {
    return new IOException("another supervisor writes to it");
  }

  boolean isRegular() {
    return lock >= 0;
  }

  void close() throws IOException {
    try {
      channel.close();
    } finally {
      if (lock >= 0) {
        dev.sluice.supervisor.kernel.Files.close(lock);
      }
    }
  }
}
