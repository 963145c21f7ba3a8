package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.LoopDevice;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import dev.sluice.supervisor.target.TaskFiles;
import java.util.List;

/// The file system in an image, or on a block device, mounted by us for somebody else. The mounts
/// have no devices and no setuid, and are read-only unless the file system is `writable`.
///
/// @param writable whether the file system may be written to
/// @param grant what the policy lets it be
record ImageMount(String fstype, boolean writable, ImageGrant grant, List<String> options) {
  private static final int OPENAT = Numbers.of("openat");

  /// A context with the file system, to be mounted; to be closed. The caller has to be allowed to
  /// read the image, and to write to it if the file system is writable. Throws [Abort], and
  /// [SyscallException] if there is no such file system in it.
  int open(Call call, PathArgument source) {
    int image = openImage(call, source);
    try (var loop = LoopDevice.over(image, writable)) {
      MountedImages.ALL.add(call, loop.path(), grant.most());
      if (writable) {
        ImageOptions.checkJournal(fstype, image);
      }
      return create(call, loop);
    } finally {
      Files.close(image);
    }
  }

  /// The image itself, to be closed; the same holds for the caller. Throws [Abort].
  int openImage(Call call, PathArgument source) {
    var device = Device.of(source.stat().mode(), (int) source.stat().rdev());
    boolean isBlock = device.type() == Device.S_IFBLK;
    if (isBlock && !grant.devices().contains(device)) {
      throw Abort.errno(Errno.EPERM);
    }
    if (!isBlock && !source.stat().isRegular()) {
      throw Abort.errno(Errno.ENOTBLK);
    }
    if (!isBlock && !isPrompt(call, source)) {
      // it may be the caller who serves it, and the kernel would wait for an answer
      throw Abort.errno(Errno.EOPNOTSUPP);
    }
    int access = writable ? OpenFlags.O_RDWR : OpenFlags.O_RDONLY;
    // a device that is written to is nobody else's meanwhile (open(2)): not mounted by the machine
    access |= isBlock && writable ? OpenFlags.O_EXCL : 0;
    return Abort.check(open(call, source.object(), access | OpenFlags.O_CLOEXEC));
  }

  private static boolean isPrompt(Call call, PathArgument source) {
    return switch (source.filesystem(call)) {
      case PROMPT -> true;
      case STACKED -> MachineMounts.include(call, source.object());
      case PROC, UNNAMED, SLOW -> false;
    };
  }

  /// Not in the caller's device cgroup: what it forbids a container to open, the policy may name.
  private static int open(Call call, int object, int access) {
    Operation open =
        call.operation().begin(OPENAT).value(OpenFlags.AT_FDCWD).pathOf(object).value(access);
    return call.patientSyscalls().open(open);
  }

  private int create(Call call, LoopDevice device) {
    int context = SyscallException.checkInt(Mounts.fsopen(fstype), "fsopen", fstype);
    try {
      set(context, "source=" + device.path());
      for (String option : ImageOptions.complete(fstype, options, writable)) {
        set(context, option);
      }
      set(context, writable ? "rw" : "ro");
      int number = (int) device.number();
      SyscallException.check(
          call.patientSyscalls().createAlone(context, device.path(), number), "fsconfig", fstype);
      return context;
    } catch (SyscallException | Abort e) {
      Files.close(context);
      throw e;
    }
  }

  private static void set(int context, String option) {
    int equals = option.indexOf('=');
    int result =
        equals < 0
            ? Mounts.setFlag(context, option)
            : Mounts.setString(context, option.substring(0, equals), option.substring(equals + 1));
    SyscallException.check(result, "fsconfig", option);
  }

  /// A mount of the context's file system that is attached nowhere, whose files belong to whom they
  /// belong in the user namespace of `files`. Throws [SyscallException].
  ///
  /// @param attributes as of fsmount(2)
  int mount(int context, int attributes, TaskFiles files) {
    int all = attributes | Mounts.ATTR_NOSUID | Mounts.ATTR_NODEV;
    int mount =
        SyscallException.checkInt(
            Mounts.fsmount(context, writable ? all : all | Mounts.ATTR_RDONLY), "fsmount", fstype);
    int shifted = Mounts.setIdmap(mount, files.userNamespace());
    // file systems of older kernels cannot; then its files are nobody's
    if (shifted < 0 && (writable || shifted != -Errno.EINVAL.number())) {
      Files.close(mount);
      throw new SyscallException("mount_setattr", "MOUNT_ATTR_IDMAP", -shifted);
    }
    return mount;
  }

  /// What flags of mount(2) are as attributes of a mount.
  static int attributes(long flags) {
    int attributes = 0;
    attributes |= (flags & Mounts.MS_RDONLY) != 0 ? Mounts.ATTR_RDONLY : 0;
    attributes |= (flags & Mounts.MS_NOEXEC) != 0 ? Mounts.ATTR_NOEXEC : 0;
    attributes |= (flags & Mounts.MS_NODIRATIME) != 0 ? Mounts.ATTR_NODIRATIME : 0;
    attributes |= (flags & Mounts.MS_NOSYMFOLLOW) != 0 ? Mounts.ATTR_NOSYMFOLLOW : 0;
    if ((flags & Mounts.MS_STRICTATIME) != 0) {
      attributes |= Mounts.ATTR_STRICTATIME;
    } else if ((flags & Mounts.MS_NOATIME) != 0) {
      attributes |= Mounts.ATTR_NOATIME;
    }
    return attributes;
  }
}
