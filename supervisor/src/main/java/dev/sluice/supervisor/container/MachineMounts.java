package dev.sluice.supervisor.container;

import dev.sluice.supervisor.target.Call;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// File systems that are mounted where we are: no container serves them, or what they lie on.
final class MachineMounts {
  /// proc(5), fdinfo.
  private static final Pattern MOUNT_ID = Pattern.compile("^mnt_id:\\s*(\\d+)$", Pattern.MULTILINE);

  private MachineMounts() {}

  /// Whether the file system that a pinned object of the caller is on is among them. By the device
  /// of the mount: files of an overlay may have that of another file system (overlayfs.rst).
  static boolean include(Call call, int object) {
    Optional<String> device =
        find(MOUNT_ID, "/proc/self/fdinfo/" + object)
            .flatMap(id -> find(mount(id), "/proc/" + call.tid() + "/mountinfo"));
    call.validate();
    return device.flatMap(number -> find(device(number), "/proc/self/mountinfo")).isPresent();
  }

  /// A line of mountinfo, of which the device is wanted.
  private static Pattern mount(String id) {
    return Pattern.compile("^" + id + " \\d+ (\\d+:\\d+) ", Pattern.MULTILINE);
  }

  private static Pattern device(String number) {
    return Pattern.compile("^\\d+ \\d+ (" + number + ") ", Pattern.MULTILINE);
  }

  private static Optional<String> find(Pattern pattern, String file) {
    try {
      Matcher matcher =
          pattern.matcher(Files.readString(Path.of(file), StandardCharsets.ISO_8859_1));
      return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // the caller has ended
    }
  }
}
