package dev.sluice.supervisor.handler.mount;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.ExtensibleStruct;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// mount_setattr: of the very mount the decision was made on, as the target, with one copy of its
/// `struct mount_attr`.
public final class MountSetattrHandler implements Performer {
  private static final int NONE = -1;

  @Override
  public String name() {
    return "mount-setattr";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("mount_setattr");
  }

  @Override
  public Optional<Verdict> early(Call call) {
    return with(call, attributes -> attributes.early(call));
  }

  /// The struct is read once.
  @Override
  public Verdict handle(Call call, Context context) {
    return with(call, attributes -> attributes.early(call).orElseGet(() -> attributes.set(call)));
  }

  @Override
  public Verdict perform(Call call) {
    return with(call, attributes -> attributes.set(call));
  }

  private interface Use<T> {
    T of(Attributes attributes);
  }

  private static <T> T with(Call call, Use<T> use) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    Attributes attributes = Attributes.read(call);
    try {
      return use.of(attributes);
    } finally {
      Files.close(attributes.userNamespace);
    }
  }

  /// @param bytes of the struct; any if its size is none that the kernel looks at
  /// @param userNamespace a descriptor of ours for it, or [#NONE]
  private record Attributes(byte[] bytes, long size, int userNamespace) {
    static Attributes read(Call call) {
      long size = call.arg(4);
      boolean isLooked =
          Long.compareUnsigned(size, Mounts.SIZEOF_MOUNT_ATTR) >= 0
              && Long.compareUnsigned(size, ExtensibleStruct.MAX) <= 0;
      NativeBytes copy = NativeBytes.allocate(isLooked ? size : Mounts.SIZEOF_MOUNT_ATTR);
      if (isLooked) {
        call.memory().copy(call.arg(3), copy, (int) size);
      }
      int userNamespace = NONE;
      if ((copy.getLong(Mounts.ATTR_SET) & Mounts.ATTR_IDMAP) != 0) {
        userNamespace = userNamespace(call, copy);
      }
      byte[] bytes = new byte[(int) copy.size()];
      copy.get(0, bytes, 0, bytes.length);
      return new Attributes(bytes, size, userNamespace);
    }

    /// A number that is no descriptor of the target's must not mean one of ours.
    private static int userNamespace(Call call, NativeBytes attr) {
      long number = attr.getLong(Mounts.USERNS_FD);
      if (number < 0 || number > Integer.MAX_VALUE) {
        return NONE; // EINVAL, whoever says it
      }
      int copy = call.task().copyDescriptor((int) number);
      if (copy < 0) {
        attr.putLong(Mounts.USERNS_FD, Integer.MAX_VALUE);
      }
      return Math.max(copy, NONE);
    }

    Optional<Verdict> early(Call call) {
      return Nowhere.verdict(
          call.patientSyscalls()
              .setMountAttributes(NONE, call.intArg(2), bytes, size, userNamespace));
    }

    Verdict set(Call call) {
      PathArgument path = Paths.changeable(call, 0);
      int flags = (call.intArg(2) & ~OpenFlags.AT_SYMLINK_NOFOLLOW) | OpenFlags.AT_EMPTY_PATH;
      call.validate();
      return Results.of(
          call.patientSyscalls()
              .setMountAttributes(path.object(), flags, bytes, size, userNamespace));
    }
  }
}
