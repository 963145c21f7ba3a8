package dev.sluice.supervisor.kernel;

import static dev.sluice.supervisor.kernel.CLibrary.keep;
import static dev.sluice.supervisor.kernel.CLibrary.syscall;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The mount API of 5.2: fsopen(2), fsconfig(2), fsmount(2), mount_setattr(2) (5.12),
/// move_mount(2); and statmount(2) (6.8). Results are those of the kernel: -errno on error.
public final class Mounts {
  /// mount(2): flags that make of the call something else than a new mount.
  public static final int MS_REMOUNT = 32;

  public static final int MS_BIND = 4096;
  public static final int MS_MOVE = 8192;
  public static final int MS_UNBINDABLE = 1 << 17;
  public static final int MS_PRIVATE = 1 << 18;
  public static final int MS_SLAVE = 1 << 19;
  public static final int MS_SHARED = 1 << 20;

  /// mount(2): the rest, as far as we speak of them.
  public static final int MS_RDONLY = 1;

  public static final int MS_NOEXEC = 8;
  public static final int MS_SYNCHRONOUS = 16;
  public static final int MS_DIRSYNC = 128;
  public static final int MS_NOSYMFOLLOW = 256;
  public static final int MS_NOATIME = 1024;
  public static final int MS_NODIRATIME = 2048;
  public static final int MS_STRICTATIME = 1 << 24;
  public static final int MS_LAZYTIME = 1 << 25;

  /// mount(2): this old magic in the upper half of the flags, and the half is ignored.
  public static final int MS_MGC_VAL = 0xc0ed0000;

  public static final int MS_MGC_MSK = 0xffff0000;

  /// mount_setattr(2)
  public static final int ATTR_RDONLY = 1;

  public static final int ATTR_NOSUID = 2;
  public static final int ATTR_NODEV = 4;
  public static final int ATTR_NOEXEC = 8;
  public static final int ATTR_NOATIME = 0x10;
  public static final int ATTR_STRICTATIME = 0x20;
  public static final int ATTR_NODIRATIME = 0x80;
  public static final int ATTR_NOSYMFOLLOW = 0x00200000;
  public static final int ATTR_IDMAP = 0x00100000;

  /// move_mount(2)
  public static final int MOVE_MOUNT_F_EMPTY_PATH = 4;

  public static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
  public static final int MOVE_MOUNT_F_SYMLINKS = 1;
  public static final int MOVE_MOUNT_T_SYMLINKS = 0x10;
  public static final int MOVE_MOUNT_SET_GROUP = 0x100;

  /// Since 6.5.
  public static final int MOVE_MOUNT_BENEATH = 0x200;

  /// umount2(2)
  public static final int MNT_FORCE = 1;

  public static final int MNT_DETACH = 2;
  public static final int MNT_EXPIRE = 4;
  public static final int UMOUNT_NOFOLLOW = 8;

  /// fspick(2)
  public static final int FSPICK_CLOEXEC = 1;

  public static final int FSPICK_SYMLINK_NOFOLLOW = 2;
  public static final int FSPICK_EMPTY_PATH = 8;

  /// open_tree(2)
  public static final int OPEN_TREE_CLONE = 1;

  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int FSCONFIG_SET_FLAG = 0;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_CMD_CREATE = 6;

  /// Offsets in `struct mount_attr`.
  public static final int ATTR_SET = 0;

  public static final int USERNS_FD = 24;

  /// Of its first version.
  public static final int SIZEOF_MOUNT_ATTR = 32;

  private static final NativeBytes EMPTY = NativeBytes.ofString("");

  /// In no directory: to look for it fails with EBADF.
  private static final NativeBytes NAME = NativeBytes.ofString("name");

  /// Offsets in `struct mnt_id_req`.
  private static final int MNT_ID = 8;

  private static final int PARAM = 16;
  private static final int MNT_NS_ID = 24;
  private static final int MNT_ID_REQ_SIZE_VER0 = 24;
  static final int MNT_ID_REQ_SIZE_VER1 = 32;

  /// Means our own mount namespace, where one is asked for by its number.
  public static final long OWN_NAMESPACE = 0;

  private static final int STATMOUNT_SB_BASIC = 1;

  /// Offset in `struct statmount`, which has 512 bytes before its strings.
  private static final int SB_MAGIC = 24;

  static final int SIZEOF_STATMOUNT = 512;

  private Mounts() {}

  /// What the kernel makes of the flags of mount(2).
  public static long flags(long register) {
    return (int) register >>> 16 == MS_MGC_VAL >>> 16
        ? register & ~Integer.toUnsignedLong(MS_MGC_MSK)
        : register;
  }

  /// Whether such a call mounts what its fstype and source say, rather than a mount or a directory
  /// that is there.
  public static boolean isNew(long flags) {
    return (flags(flags) & (MS_REMOUNT | MS_BIND | MS_MOVE | propagation())) == 0;
  }

  /// Whether it changes a mount that is there.
  public static boolean isChange(long flags) {
    long bits = flags(flags);
    return (bits & MS_REMOUNT) != 0 || ((bits & MS_BIND) == 0 && (bits & propagation()) != 0);
  }

  private static int propagation() {
    return MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;
  }

  /// mount(2). An empty array is NULL.
  public static int mount(byte[] source, byte[] target, byte[] fstype, long flags, byte[] data) {
    var pointers = new Pointers();
    return (int)
        keep(
            syscall(
                SyscallNumber.MOUNT,
                pointers.to(source),
                pointers.to(target),
                pointers.to(fstype),
                flags,
                pointers.to(data),
                0),
            pointers);
  }

  /// Copies of strings, and their addresses.
  private static final class Pointers {
    private final List<NativeBytes> copies = new ArrayList<>();

    long to(byte[] string) {
      if (string.length == 0) {
        return 0;
      }
      var copy = NativeBytes.of(Arrays.copyOf(string, string.length + 1));
      copies.add(copy);
      return copy.address();
    }
  }

  /// A context for a new superblock, close-on-exec. The name has no NUL.
  public static int fsopen(byte[] fstype, int flags) {
    var name = NativeBytes.of(Arrays.copyOf(fstype, fstype.length + 1));
    return (int) keep(syscall(SyscallNumber.FSOPEN, name.address(), flags | FSOPEN_CLOEXEC), name);
  }

  /// The same by its name.
  public static int fsopen(String fstype) {
    var name = NativeBytes.ofString(fstype);
    return (int) keep(syscall(SyscallNumber.FSOPEN, name.address(), FSOPEN_CLOEXEC), name);
  }

  public static int setString(int context, String key, String value) {
    var name = NativeBytes.ofString(key);
    var text = NativeBytes.ofString(value);
    return (int)
        keep(
            syscall(
                SyscallNumber.FSCONFIG,
                context,
                FSCONFIG_SET_STRING,
                name.address(),
                text.address(),
                0,
                0),
            name,
            text);
  }

  public static int setFlag(int context, String key) {
    var name = NativeBytes.ofString(key);
    return (int)
        keep(
            syscall(SyscallNumber.FSCONFIG, context, FSCONFIG_SET_FLAG, name.address(), 0, 0, 0),
            name);
  }

  public static int create(int context) {
    return (int) syscall(SyscallNumber.FSCONFIG, context, FSCONFIG_CMD_CREATE, 0, 0, 0, 0);
  }

  /// A new file system without options, mounted nowhere. Throws [SyscallException].
  public static int detached(String fstype, int attributes) {
    int context = SyscallException.checkInt(fsopen(fstype), "fsopen", fstype);
    try {
      SyscallException.check(create(context), "fsconfig", fstype);
      return SyscallException.checkInt(fsmount(context, attributes), "fsmount", fstype);
    } finally {
      Files.close(context);
    }
  }

  /// A mount of the context's superblock that is not attached anywhere.
  public static int fsmount(int context, int attributes) {
    return (int) syscall(SyscallNumber.FSMOUNT, context, FSMOUNT_CLOEXEC, attributes);
  }

  /// Lets a detached mount's files belong to whom they belong in `userNamespace`. -EINVAL if its
  /// file system cannot.
  public static int setIdmap(int mount, int userNamespace) {
    var attr = NativeBytes.allocate(SIZEOF_MOUNT_ATTR);
    attr.putLong(ATTR_SET, ATTR_IDMAP);
    attr.putLong(USERNS_FD, userNamespace);
    return (int) setAttributes(mount, OpenFlags.AT_EMPTY_PATH, attr, SIZEOF_MOUNT_ATTR);
  }

  /// mount_setattr(2) of what an O_PATH descriptor refers to, or of nothing if that is -1.
  ///
  /// @param userNamespace a descriptor for its `userns_fd`, or -1 if that is right already
  public static long setAttributes(
      int object, int flags, byte[] attr, long size, int userNamespace) {
    var copy = NativeBytes.of(attr);
    if (userNamespace >= 0) {
      copy.putLong(USERNS_FD, userNamespace);
    }
    return setAttributes(object, flags, copy, size);
  }

  private static long setAttributes(int object, int flags, NativeBytes attr, long size) {
    return keep(
        syscall(
            SyscallNumber.MOUNT_SETATTR,
            object,
            (object < 0 ? NAME : EMPTY).address(),
            flags,
            attr.address(),
            size,
            0),
        attr);
  }

  /// Waits until something has been mounted or unmounted since a `/proc/PID/mountinfo` was opened,
  /// or last waited for; proc(5).
  public static void awaitChange(int mountinfo, long millis) {
    Poll.await(mountinfo, Poll.POLLPRI, millis);
  }

  /// Whether a mount is in a namespace: 0, or -ENOENT if it is not; -EPERM if it is, and cannot be
  /// reached from our root. Asks no file system, and allocates nothing. The numbers are as in
  /// [#filesystemType(long, long)].
  public static int find(long mountId, long namespaceId) {
    return (int) statmount(mountId, namespaceId, Scratch.ofThread());
  }

  /// What file system a mount of our namespace has, such as 0xef53, without asking that file
  /// system; -errno on error. The number is that of [Stat#isMountIdUnique].
  public static long filesystemType(long mountId) {
    return filesystemType(mountId, OWN_NAMESPACE);
  }

  /// The same for one of a namespace with this [Namespaces#mountNamespaceId] (6.11).
  public static long filesystemType(long mountId, long namespaceId) {
    Scratch scratch = Scratch.ofThread();
    long result = statmount(mountId, namespaceId, scratch);
    return result < 0 ? result : scratch.mountAnswer.getLong(SB_MAGIC);
  }

  private static long statmount(long mountId, long namespaceId, Scratch scratch) {
    NativeBytes request = scratch.mountRequest;
    NativeBytes answer = scratch.mountAnswer;
    boolean isOwn = namespaceId == OWN_NAMESPACE;
    request.putInt(0, isOwn ? MNT_ID_REQ_SIZE_VER0 : MNT_ID_REQ_SIZE_VER1);
    request.putLong(MNT_ID, mountId);
    request.putLong(PARAM, STATMOUNT_SB_BASIC);
    request.putLong(MNT_NS_ID, namespaceId);
    return keep(
        syscall(SyscallNumber.STATMOUNT, request.address(), answer.address(), SIZEOF_STATMOUNT, 0),
        request,
        answer);
  }
}
