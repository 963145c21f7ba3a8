package dev.sluice.supervisor.container;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Callers;
import java.io.IOException;
import java.lang.ref.WeakReference;
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
  /// @param callers all that are supervised together with who mounted it
  private record Image(long container, WeakReference<Callers> callers, String use) {
    boolean isOf(long namespace, Callers others) {
      return container == namespace || callers.refersTo(others);
    }
  }

  /// By the name of the device, such as `loop0`: that has one image at a time.
  private final Map<String, Image> images = new HashMap<>();

  private MountedImages() {}

  /// Enters one for the caller of `call`. Throws [Abort] with ENOSPC if its container has `most`
  /// already, or all those that are supervised with it: an ordinary user makes as many user
  /// namespaces as it likes, each of which looks like a container.
  ///
  /// @param device the path of its loop device, such as `/dev/loop0`
  synchronized void add(Call call, String device, int most) {
    long container = call.task().identity().userNamespace();
    Callers callers = call.callers();
    images
        .entrySet()
        .removeIf(entry ->
            entry.getValue().isOf(container, callers)
                && !isUsed(entry.getKey(), entry.getValue().use));
    String name = Path.of(device).getFileName().toString();
    // where sysfs(5) is not mounted, none could be counted
    String use = use(name).orElseThrow(() -> Abort.errno(Errno.ENOSPC));
    if (images.values().stream().filter(image -> image.isOf(container, callers)).count() >= most) {
      throw Abort.errno(Errno.ENOSPC);
    }
    images.put(name, new Image(container, new WeakReference<>(callers), use));
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
