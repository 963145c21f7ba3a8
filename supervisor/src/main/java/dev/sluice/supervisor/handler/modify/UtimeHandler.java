package dev.sluice.supervisor.handler.modify;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// utime, utimes, futimesat, utimensat: the timestamps of the very object the decision was made on.
/// All are made by utimensat(2), into whose `struct timespec[2]` the older forms are translated.
public final class UtimeHandler implements Performer {
  static final Set<String> CALLS =
      Set.of("utime", "utimes", "futimesat", "utimensat", "utimensat_time64");

  private static final int UTIMENSAT = Numbers.of("utimensat");
  private static final int FLAGS = OpenFlags.AT_SYMLINK_NOFOLLOW | OpenFlags.AT_EMPTY_PATH;
  private static final int SIZEOF_TIMESPECS = 32;
  private static final int NANOS_PER_MICRO = 1000;
  private static final int MICROS_PER_SECOND = 1_000_000;

  /// linux/stat.h
  private static final long UTIME_OMIT = (1L << 30) - 2;

  private static final Optional<Verdict> NOTHING_TO_DO = Optional.of(Verdict.Return.of(0));

  @Override
  public String name() {
    return "utime";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  /// The times are copied first; if none is to be set, nobody looks at the path at all.
  @Override
  public Optional<Verdict> early(Call call) {
    if (hasTimes(call)) {
      NativeBytes times = call.operation().buffer(SIZEOF_TIMESPECS);
      switch (call.name()) {
        case "utime" -> readSeconds(call, times);
        case "utimes", "futimesat" -> {
          if (!readMicros(call, times)) {
            return Results.early(Errno.EINVAL);
          }
        }
        default -> {
          readNanos(call, times);
          if (times.getLong(8) == UTIME_OMIT && times.getLong(24) == UTIME_OMIT) {
            return NOTHING_TO_DO;
          }
        }
      }
    }
    int allowed = isOfDescriptor(call) ? 0 : FLAGS;
    return Results.onlyFlags(allowed, flags(call));
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path =
        isOfDescriptor(call) ? Paths.changeableFile(call, 0) : Paths.changeable(call, 0);
    Operation operation = call.operation().begin(UTIMENSAT).itself(path.object());
    if (hasTimes(call)) {
      operation.input(operation.buffer(SIZEOF_TIMESPECS), SIZEOF_TIMESPECS);
    } else {
      operation.value(0);
    }
    return Results.changed(call, path, operation.value(OpenFlags.AT_EMPTY_PATH));
  }

  /// Whether there is no path, and the directory descriptor is meant: then no flags are allowed.
  private static boolean isOfDescriptor(Call call) {
    return !isOfPath(call) && call.arg(1) == 0 && call.intArg(0) != OpenFlags.AT_FDCWD;
  }

  /// Whether the call takes a path alone.
  private static boolean isOfPath(Call call) {
    return call.name().equals("utime") || call.name().equals("utimes");
  }

  private static int flags(Call call) {
    return call.name().startsWith("utimensat") ? call.intArg(3) : 0;
  }

  private static long times(Call call) {
    return call.arg(isOfPath(call) ? 1 : 2);
  }

  private static boolean hasTimes(Call call) {
    return times(call) != 0;
  }

  /// A `struct utimbuf`.
  private static void readSeconds(Call call, NativeBytes times) {
    copyLongs(call, times, 2);
    long modified = times.getLong(8);
    put(times, 0, times.getLong(0), 0);
    put(times, 1, modified, 0);
  }

  /// A `struct timeval[2]`. Returns whether it is one.
  private static boolean readMicros(Call call, NativeBytes times) {
    copyLongs(call, times, 4);
    for (int i = 0; i < 2; i++) {
      long micros = times.getLong(16L * i + 8);
      if (micros < 0 || micros >= MICROS_PER_SECOND) {
        return false;
      }
      put(times, i, times.getLong(16L * i), micros * NANOS_PER_MICRO);
    }
    return true;
  }

  /// A `struct timespec[2]`.
  private static void readNanos(Call call, NativeBytes times) {
    if (!call.name().equals("utimensat_time64")) {
      copyLongs(call, times, 4);
      return;
    }
    call.memory().copy(times(call), times, SIZEOF_TIMESPECS);
    for (int i = 0; i < 2; i++) {
      // 32 bits of it are padding
      put(times, i, times.getLong(16L * i), times.getLong(16L * i + 8) & 0xffff_ffffL);
    }
  }

  /// Copies numbers of the caller's size.
  private static void copyLongs(Call call, NativeBytes times, int count) {
    if (call.arch().is64Bit()) {
      call.memory().copy(times(call), times, count * Long.BYTES);
      return;
    }
    call.memory().copy(times(call), times, count * Integer.BYTES);
    for (int i = count - 1; i >= 0; i--) {
      times.putLong((long) i * Long.BYTES, times.getInt((long) i * Integer.BYTES));
    }
  }

  private static void put(NativeBytes times, int index, long seconds, long nanos) {
    times.putLong(16L * index, seconds);
    times.putLong(16L * index + 8, nanos);
  }
}
