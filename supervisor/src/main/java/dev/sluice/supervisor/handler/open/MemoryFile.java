package dev.sluice.supervisor.handler.open;

import dev.sluice.supervisor.kernel.Descriptors;
import dev.sluice.supervisor.kernel.Files;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/// A file that exists in memory only and that nobody can write to. It is closed when nothing refers
/// to it any more; what targets have of it stays theirs.
final class MemoryFile {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final String NAME = "served";

  private final int fd;

  MemoryFile(byte[] content) {
    int made = Files.sealedFile(NAME, content);
    fd = made;
    CLEANER.register(this, () -> Files.close(made));
  }

  /// A descriptor of it with an offset of its own; -errno on error.
  int open(int flags) {
    try {
      return Descriptors.reopen(fd, flags);
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
