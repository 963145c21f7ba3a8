package dev.sluice.supervisor.container;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Stat;
import java.util.LinkedHashMap;
import java.util.Map;

/// Mounts of which something is known, by numbers that no other mount ever gets (since 6.8; before,
/// none are). Those that were asked for longest ago are forgotten.
final class KnownMounts {
  private static final int MAX = 1000;

  private final Map<Long, Boolean> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
          return size() > MAX;
        }
      };

  /// The mount that the object behind a descriptor was reached through.
  synchronized void add(int fd) {
    var stat = new Stat();
    if (Files.fstat(fd, stat) == 0 && stat.isMountIdUnique()) {
      known.put(stat.mountId(), true);
    }
  }

  synchronized boolean isKnown(int fd) {
    var stat = new Stat();
    return Files.fstat(fd, stat) == 0
        && stat.isMountIdUnique()
        && known.get(stat.mountId()) != null;
  }
}
