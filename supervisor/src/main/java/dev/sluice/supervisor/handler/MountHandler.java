package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.LoopDevice;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// mount. What the target may mount itself is mounted as the target. An ext4 or squashfs image,
/// which only we may, is mounted by us: read-only, without devices and setuid, with its files
/// shifted into the target's user namespace and its flags locked, for a target that is root in a
/// user namespace of its own.
public final class MountHandler implements SyscallHandler {
  private static final Logger LOG = LoggerFactory.getLogger(MountHandler.class);
  private static final int CAP_SYS_ADMIN = 21;
  private static final Set<String> IMAGES = Set.of("ext4", "squashfs");

  /// Options in `data` that do no more than what is done anyway.
  private static final Set<String> OPTIONS = Set.of("", "ro", "noload");

  private static final int NOT_NEW =
      Mounts.MS_REMOUNT
          | Mounts.MS_BIND
          | Mounts.MS_MOVE
          | Mounts.MS_UNBINDABLE
          | Mounts.MS_PRIVATE
          | Mounts.MS_SLAVE
          | Mounts.MS_SHARED;

  /// mount(2): the old magic in the upper half of the flags is ignored.
  private static final int MS_MGC_VAL = 0xc0ed0000;

  private static final int MS_MGC_MSK = 0xffff0000;

  private final boolean images;

  /// For [java.util.ServiceLoader].
  public MountHandler() {
    this(false);
  }

  private MountHandler(boolean images) {
    this.images = images;
  }

  @Override
  public String name() {
    return "mount";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("mount");
  }

  /// `images: read-only` lets it mount images; without it, everything is as the target.
  @Override
  public SyscallHandler configure(Map<String, String> options) {
    for (var option : options.entrySet()) {
      if (!option.getKey().equals("images") || !option.getValue().equals("read-only")) {
        throw new IllegalArgumentException(
            "it takes the option 'images: read-only', not '"
                + option.getKey()
                + ": "
                + option.getValue()
                + "'");
      }
    }
    return new MountHandler(!options.isEmpty());
  }

  @Override
  public Verdict handle(Call call, Context context) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    int flags = call.intArg(3);
    if ((flags & MS_MGC_MSK) == MS_MGC_VAL) {
      flags &= ~MS_MGC_MSK;
    }
    boolean isNew = (flags & NOT_NEW) == 0;
    String fstype = isNew ? call.string(2).toString() : "";
    if (images && IMAGES.contains(fstype)) {
      return mountImage(call, fstype, flags);
    }
    return mountAsTarget(call, flags, isNew);
  }

  private static Verdict mountAsTarget(Call call, int flags, boolean isNew) {
    PathArgument target = existing(call.path(1));
    boolean sourceIsPath =
        (flags & Mounts.MS_REMOUNT) == 0 && (flags & (Mounts.MS_BIND | Mounts.MS_MOVE)) != 0;
    byte[] source = sourceIsPath || call.arg(0) == 0 ? new byte[0] : call.copiedPath(0).toBytes();
    int sourceObject = sourceIsPath ? existing(call.path(0)).object() : -1;
    byte[] fstype = isNew ? call.string(2).toBytes() : new byte[0];
    byte[] data =
        isNew || (flags & Mounts.MS_REMOUNT) != 0 ? call.string(4).toBytes() : new byte[0];
    call.validate();
    return Results.of(
        call.syscalls().mount(sourceObject, source, target.object(), fstype, flags, data));
  }

  private static Verdict mountImage(Call call, String fstype, int flags) {
    var identity = call.task().identity();
    boolean isAdmin = (identity.credentials().effective() >> CAP_SYS_ADMIN & 1) != 0;
    if (!isAdmin || identity.userNamespace() == call.task().ownIdentity().userNamespace()) {
      return Verdict.Fail.of(Errno.EPERM.number());
    }
    if (!OPTIONS.contains(call.string(4).toString())) {
      return Verdict.Fail.of(Errno.EINVAL.number());
    }
    PathArgument source = existing(call.path(0));
    PathArgument target = existing(call.path(1));
    if (!source.stat().isRegular()) {
      return Verdict.Fail.of(Errno.ENOTBLK.number());
    }
    if (!target.stat().isDirectory()) {
      return Verdict.Fail.of(Errno.ENOTDIR.number());
    }
    // the target has to be allowed to read what it mounts
    int image = call.syscalls().reopen(source.object(), OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC);
    if (image < 0) {
      return Verdict.Fail.of(-image);
    }
    int attributes = Mounts.ATTR_RDONLY | Mounts.ATTR_NOSUID | Mounts.ATTR_NODEV;
    if ((flags & Mounts.MS_NOEXEC) != 0) {
      attributes |= Mounts.ATTR_NOEXEC;
    }
    try (var loop = LoopDevice.over(image)) {
      return attach(call, newMount(fstype, loop.path(), attributes), target);
    } catch (SyscallException e) {
      LOG.info("mount of an image for thread {}: {}", call.tid(), e.getMessage());
      return Verdict.Fail.of(e.errno());
    } finally {
      Files.close(image);
    }
  }

  /// A detached mount of a new superblock. Throws [SyscallException].
  private static int newMount(String fstype, String device, int attributes) {
    int context = SyscallException.checkInt(Mounts.fsopen(fstype), "fsopen", fstype);
    try {
      SyscallException.check(Mounts.setString(context, "source", device), "fsconfig", device);
      SyscallException.check(Mounts.setFlag(context, "ro"), "fsconfig", "ro");
      SyscallException.check(Mounts.create(context), "fsconfig", fstype);
      return SyscallException.checkInt(Mounts.fsmount(context, attributes), "fsmount", fstype);
    } finally {
      Files.close(context);
    }
  }

  private static Verdict attach(Call call, int mount, PathArgument target) {
    try (var files = call.task().openFiles()) {
      int shifted = Mounts.setIdmap(mount, files.userNamespace());
      if (shifted < 0 && shifted != -Errno.EINVAL.number()) {
        throw new SyscallException("mount_setattr", "MOUNT_ATTR_IDMAP", -shifted);
      }
      call.validate();
      return Results.of(call.patientSyscalls().attachLocked(mount, target.object(), files));
    } finally {
      Files.close(mount);
    }
  }

  private static PathArgument existing(PathArgument path) {
    if (path.object() < 0) {
      throw Abort.errno(Errno.ENOENT);
    }
    return path;
  }
}
