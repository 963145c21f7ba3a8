package dev.sluice.supervisor.handler.open;

import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Filesystems;
import dev.sluice.supervisor.target.PathArgument;
import dev.sluice.supervisor.target.Text;
import java.nio.charset.StandardCharsets;

/// Files of proc(5) that are opened together with the memory of a process. Whoever opens them waits
/// while that process executes a program (`exec_update_lock`), which can take as long as a file
/// system takes that is served by another.
final class MemoryFiles {
  private static final byte[] ATTRIBUTES = "/attr/".getBytes(StandardCharsets.US_ASCII);

  private static final byte[][] NAMES = {
    name("maps"),
    name("smaps"),
    name("smaps_rollup"),
    name("numa_maps"),
    name("mem"),
    name("environ"),
    name("auxv"),
    name("pagemap"),
  };

  private MemoryFiles() {}

  private static byte[] name(String name) {
    return ("/" + name).getBytes(StandardCharsets.US_ASCII);
  }

  static boolean isOne(Call call, PathArgument path) {
    if (!path.stat().isRegular() || path.filesystem(call) != Filesystems.Kind.PROC) {
      return false;
    }
    Text canonical = path.canonical();
    for (byte[] name : NAMES) {
      if (canonical.endsWith(name)) {
        return true;
      }
    }
    return isAttribute(canonical);
  }

  /// Whether the directory it is in is that of its attributes.
  private static boolean isAttribute(Text path) {
    int end = path.length();
    while (end > 0 && path.at(end - 1) != '/') {
      end--;
    }
    int from = end - ATTRIBUTES.length;
    for (int i = 0; i < ATTRIBUTES.length; i++) {
      if (from < 0 || path.at(from + i) != ATTRIBUTES[i]) {
        return false;
      }
    }
    return true;
  }
}
