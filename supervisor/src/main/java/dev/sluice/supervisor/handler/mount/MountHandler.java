package dev.sluice.supervisor.handler.mount;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.MountData;
import dev.sluice.supervisor.target.PathArgument;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/// mount: at the very object the decision was made on, as the target.
public final class MountHandler implements SyscallHandler {
  private static final byte[] NONE = new byte[0];
  private static final byte[] EMPTY = {0};

  /// A page but for a NUL.
  private static final int MAX_DATA = 4095;

  @Override
  public String name() {
    return "mount";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("mount");
  }

  @Override
  public Verdict handle(Call call, Context context) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    long flags = Mounts.flags(call.arg(3));
    boolean isNew = Mounts.isNew(flags);
    byte[] bytes = data(call);
    PathArgument target = Paths.existing(call, 1);
    boolean sourceIsPath = !isNew && !Mounts.isChange(flags);
    if (sourceIsPath && call.copiedPath(0).isDescriptor()) {
      return Verdict.Fail.of(Errno.EINVAL.number());
    }
    byte[] source = sourceIsPath || call.arg(0) == 0 ? NONE : given(call.copiedPath(0).toBytes());
    int sourceObject = sourceIsPath ? Paths.existing(call, 0).object() : -1;
    byte[] fstype = isNew ? fstype(call) : NONE;
    MountData data = isFuse(fstype) ? passed(call, bytes) : MountData.of(bytes);
    try {
      call.validate();
      return Results.of(
          call.patientSyscalls().mount(sourceObject, source, target.object(), fstype, flags, data));
    } finally {
      Files.close(data.descriptor());
    }
  }

  /// `fuse`, `fuseblk`, and either with a subtype, such as `fuse.sshfs`.
  private static boolean isFuse(byte[] fstype) {
    return new String(fstype, StandardCharsets.ISO_8859_1).startsWith("fuse");
  }

  /// A number that is no descriptor stays what it is: there is none of ours that a mount takes.
  private static MountData passed(Call call, byte[] bytes) {
    MountData data = MountData.ofFuse(bytes);
    int copy = data.descriptor() < 0 ? -1 : call.task().copyDescriptor(data.descriptor());
    return copy < 0 ? MountData.of(bytes) : data.withDescriptor(copy);
  }

  private static byte[] fstype(Call call) {
    return call.arg(2) == 0 ? NONE : given(call.string(2).toBytes());
  }

  /// No bytes mean a string that is not given at all.
  private static byte[] given(byte[] string) {
    return string.length == 0 ? EMPTY : string;
  }

  /// The options: up to a NUL for nearly all file systems, but not for all. What does not fit into
  /// a page is cut off (`copy_mount_options`).
  public static byte[] data(Call call) {
    long address = call.arg(4);
    if (address == 0) {
      return NONE;
    }
    byte[] page = call.memory().copyPage(address);
    return page.length > MAX_DATA ? Arrays.copyOf(page, MAX_DATA) : page;
  }
}
