package dev.sluice.supervisor.container;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.target.Abort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The images that containers have mounted, by the loop devices they are on: those take threads and
/// memory of the kernel, which no cgroup of the container counts.
///
/// Nobody tells when a container has unmounted one; so the kernel is asked whether a device is
/// still used as it was.
final class MountedImages {
  static final MountedImages ALL = new MountedImages();

  private static final Path DEVICES = Path.of("/sys/block");

  /// @param container the user namespace it was mounted for
  private record Image(long container, String use) {}

  /// By the name of the device, such as `loop0`: that has one image at a time.
  private final Map<String, Image> images = new HashMap<>();

  private MountedImages() {}

  /// Enters one. Throws [Abort] with ENOSPC if the container has `most` already.
  ///
  /// @param device the path of its loop device, such as `/dev/loop0`
  synchronized void add(long container, String device, int most) {
    images
        .entrySet()
        .removeIf(entry ->
            entry.getValue().container == container
                && !isUsed(entry.getKey(), entry.getValue().use));
    String name = Path.of(device).getFileName().toString();
    // where sysfs(5) is not mounted, none could be counted
    String use = use(name).orElseThrow(() -> Abort.errno(Errno.ENOSPC));
    if (images.values().stream().filter(image -> image.container == container).count() >= most) {
      throw Abort.errno(Errno.ENOSPC);
    }
    images.put(name, new Image(container, use));
  }

  private static boolean isUsed(String name, String use) {
    return use(name).filter(use::equals).isPresent();
  }

  /// What tells the use that is made of a loop device now from all others; empty if there is none.
  private static Optional<String> use(String name) {
    Path device = DEVICES.resolve(name);
    if (!Files.isDirectory(device.resolve("loop"))) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(device.resolve("diskseq")));
    } catch (NoSuchFileException e) {
      return Optional.of(""); // before Linux 5.15 one is taken for the other
    } catch (IOException e) {
      return Optional.empty(); // the device itself is gone
    }
  }
}
