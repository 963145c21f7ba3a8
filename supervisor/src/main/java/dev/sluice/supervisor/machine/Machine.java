package dev.sluice.supervisor.machine;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.SystemCall;
import dev.sluice.supervisor.syscall.Arch;

/// What sysinfo(2) says of all of the machine.
///
/// @param loads over 1, 5 and 15 minutes, in 65536ths
/// @param sizes totalram, freeram, sharedram, bufferram, totalswap, freeswap, in bytes
/// @param uptime in hundredths of a second
public record Machine(long[] loads, long[] sizes, long tasks, long uptime) {
  private static final int SYSINFO = Arch.host().number("sysinfo").orElseThrow();

  /// Offsets in `struct sysinfo` of 64-bit machines.
  private static final int LOADS = 8;

  private static final int TOTALRAM = 32;
  private static final int PROCS = 80;
  private static final int MEM_UNIT = 104;
  private static final int SIZE = 112;

  static Machine now() {
    var info = NativeBytes.allocate(SIZE);
    SystemCall.make(SYSINFO, info.address(), 0, 0, 0, 0, 0);
    long unit = Integer.toUnsignedLong(info.getInt(MEM_UNIT));
    long[] sizes = longs(info, TOTALRAM, 6);
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] *= unit;
    }
    String uptime = HostFile.read("/proc/uptime");
    long hundredths = Math.round(Double.parseDouble(uptime.split(" ", 2)[0]) * 100);
    long tasks = Short.toUnsignedLong(info.getShort(PROCS));
    return new Machine(longs(info, LOADS, 3), sizes, tasks, hundredths);
  }

  private static long[] longs(NativeBytes from, int offset, int count) {
    var longs = new long[count];
    for (int i = 0; i < count; i++) {
      longs[i] = from.getLong(offset + 8L * i);
    }
    return longs;
  }

  public long total() {
    return sizes[0];
  }

  public long swap() {
    return sizes[4];
  }

  /// How long ago something was, in hundredths of a second.
  ///
  /// @param start in hundredths since the machine was started
  long uptimeSince(long start) {
    return Math.max(0, uptime - start);
  }
}
