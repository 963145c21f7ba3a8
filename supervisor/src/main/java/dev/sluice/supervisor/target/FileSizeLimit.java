package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.OpenFlags;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// RLIMIT_FSIZE, as /proc/PID/limits of proc(5) shows it to everybody; prlimit(2) of another user's
/// process needs CAP_SYS_RESOURCE. The numbers are unsigned.
///
/// @param soft what counts
/// @param hard how far it may be raised
public record FileSizeLimit(long soft, long hard) {
  private static final Pattern LINE =
      Pattern.compile("^Max file size +(\\w+) +(\\w+)", Pattern.MULTILINE);

  static FileSizeLimit parse(String limits) {
    Matcher line = LINE.matcher(limits);
    if (!line.find()) {
      throw new IllegalArgumentException("no file size in limits of proc(5): " + limits);
    }
    return new FileSizeLimit(number(line.group(1)), number(line.group(2)));
  }

  private static long number(String text) {
    return text.equals("unlimited") ? -1 : Long.parseUnsignedLong(text);
  }

  /// Ours.
  public static FileSizeLimit ofSelf() {
    int procfd = Files.open("/proc/self", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    try {
      return Proc.fileSizeLimit(procfd);
    } finally {
      Files.close(procfd);
    }
  }
}
