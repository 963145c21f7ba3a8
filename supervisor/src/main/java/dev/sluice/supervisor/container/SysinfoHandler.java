package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.machine.Share;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import java.util.Set;

/// `emulate: sysinfo`: sysinfo(2) with what the cgroups of the caller let it have, rather than what
/// the machine has. The loads are the machine's.
public final class SysinfoHandler implements SyscallHandler {
  /// For 32 bits, sizes are in pages.
  private static final int PAGE = 4096;

  @Override
  public String name() {
    return "sysinfo";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("sysinfo");
  }

  @Override
  public Verdict handle(Call call, Context context) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    var share = Share.of(call.task());
    boolean narrow = call.arch() == Arch.I386;
    NativeBytes info = narrow ? narrow(share) : wide(share);
    call.memory().write(call.arg(0), info, (int) info.size());
    return Verdict.Return.of(0);
  }

  /// `struct sysinfo` where a long has 64 bits (sysinfo(2)).
  private static NativeBytes wide(Share share) {
    var info = NativeBytes.allocate(112);
    info.putLong(0, share.uptime() / 100);
    for (int i = 0; i < 3; i++) {
      info.putLong(8 + 8L * i, share.machine().loads()[i]);
    }
    long[] sizes = sizes(share);
    for (int i = 0; i < sizes.length; i++) {
      info.putLong(32 + 8L * i, sizes[i]);
    }
    info.putShort(80, (short) tasks(share));
    info.putInt(104, 1);
    return info;
  }

  /// The same where it has 32.
  private static NativeBytes narrow(Share share) {
    var info = NativeBytes.allocate(64);
    info.putInt(0, (int) (share.uptime() / 100));
    for (int i = 0; i < 3; i++) {
      info.putInt(4 + 4L * i, (int) share.machine().loads()[i]);
    }
    long[] sizes = sizes(share);
    for (int i = 0; i < sizes.length; i++) {
      info.putInt(16 + 4L * i, (int) (sizes[i] / PAGE));
    }
    info.putShort(40, (short) tasks(share));
    info.putInt(52, PAGE);
    return info;
  }

  /// totalram, freeram, sharedram, bufferram, totalswap, freeswap.
  private static long[] sizes(Share share) {
    long[] sizes = share.machine().sizes().clone();
    share
        .memory()
        .ifPresent(memory -> {
          sizes[0] = memory.total();
          sizes[1] = memory.free();
          sizes[2] = memory.counter("shmem");
          sizes[3] = 0;
        });
    share
        .swap()
        .ifPresent(swap -> {
          sizes[4] = swap.total();
          sizes[5] = swap.free();
        });
    return sizes;
  }

  private static long tasks(Share share) {
    return Math.min(share.tasks().orElse(share.machine().tasks()), 0xffff);
  }
}
