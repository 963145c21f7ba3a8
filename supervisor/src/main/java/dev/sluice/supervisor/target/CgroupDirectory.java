package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The directory of a cgroup, or of its hierarchy. Whoever makes one names it with any bytes, of
/// which Java's files know those of the locale only.
///
/// @param path its bytes as Latin-1
public record CgroupDirectory(String path) {
  /// Opens something in it, or itself (`.`), close-on-exec: a descriptor to be closed, or -errno.
  public int open(String name, int flags) {
    byte[] bytes = (path + "/" + name + "\0").getBytes(StandardCharsets.ISO_8859_1);
    return Files.openat(OpenFlags.AT_FDCWD, NativeBytes.of(bytes), flags | OpenFlags.O_CLOEXEC, 0);
  }

  /// Whether it is `other`, or below.
  public boolean isIn(CgroupDirectory other) {
    return (path + "/").startsWith(other.path + "/");
  }

  /// A file, its bytes as Latin-1; empty if it cannot be read.
  Optional<String> read(String name) {
    int fd = open(name, OpenFlags.O_RDONLY);
    try {
      return fd < 0 ? Optional.empty() : Optional.of(ProcText.read(fd));
    } catch (Abort e) {
      return Optional.empty(); // the group was removed meanwhile
    } finally {
      Files.close(fd);
    }
  }

  @Override
  public String toString() {
    return path;
  }
}
