package dev.sluice.supervisor.handler.open;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.TaskSession;
import java.util.Optional;

/// /dev/tty, which is another terminal for every session (tty(4)): opened by us it would be ours.
final class ControllingTerminal {
  private static final int TTYAUX_MAJOR = 5;
  private static final int TTY_MAJOR = 4;
  private static final int FIRST_SERIAL = 64;
  private static final int PTS_MAJOR = 136;

  private ControllingTerminal() {}

  /// Whether it is what this device means.
  static boolean isMeantBy(Stat stat) {
    return stat.isCharacterDevice()
        && Stat.major(stat.rdev()) == TTYAUX_MAJOR
        && Stat.minor(stat.rdev()) == 0;
  }

  /// Whether the caller's is ours, so that we may open /dev/tty for it. On a worker.
  static boolean isShared(Call call) {
    return call.task().session().id() == TaskSession.own().id();
  }

  /// Holds the caller's own, by the name it has there; -ENXIO if there is none, or none with that
  /// name. On a worker.
  static int pin(Call call) {
    int device = call.task().session().terminal();
    return name(device).map(name -> pin(call, name, device)).orElse(-Errno.ENXIO.number());
  }

  private static int pin(Call call, String name, int device) {
    int pinned = call.pin(NativeBytes.ofString(name));
    if (pinned < 0) {
      return -Errno.ENXIO.number();
    }
    var stat = new Stat();
    if (Files.fstat(pinned, stat) == 0 && stat.isCharacterDevice() && stat.rdev() == device) {
      return pinned;
    }
    Files.close(pinned);
    return -Errno.ENXIO.number();
  }

  private static Optional<String> name(int device) {
    int minor = Stat.minor(device);
    return switch (Stat.major(device)) {
      case PTS_MAJOR -> Optional.of("/dev/pts/" + minor);
      case TTY_MAJOR ->
          Optional.of(
              minor < FIRST_SERIAL ? "/dev/tty" + minor : "/dev/ttyS" + (minor - FIRST_SERIAL));
      default -> Optional.empty();
    };
  }
}
