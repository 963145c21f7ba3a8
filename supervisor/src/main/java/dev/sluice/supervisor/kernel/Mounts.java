package dev.sluice.supervisor.kernel;

import static dev.sluice.supervisor.kernel.CLibrary.keep;
import static dev.sluice.supervisor.kernel.CLibrary.syscall;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The mount API of 5.2: fsopen(2), fsconfig(2), fsmount(2), mount_setattr(2) (5.12),
/// move_mount(2). Results are those of the kernel: -errno on error.
public final class Mounts {
  /// mount(2): flags that make of the call something else than a new mount.
  public static final int MS_REMOUNT = 32;

  public static final int MS_BIND = 4096;
  public static final int MS_MOVE = 8192;
  public static final int MS_UNBINDABLE = 1 << 17;
  public static final int MS_PRIVATE = 1 << 18;
  public static final int MS_SLAVE = 1 << 19;
  public static final int MS_SHARED = 1 << 20;
  public static final int MS_NOEXEC = 8;

  /// mount_setattr(2)
  public static final int ATTR_RDONLY = 1;

  public static final int ATTR_NOSUID = 2;
  public static final int ATTR_NODEV = 4;
  public static final int ATTR_NOEXEC = 8;
  public static final int ATTR_IDMAP = 0x00100000;

  /// move_mount(2)
  public static final int MOVE_MOUNT_F_EMPTY_PATH = 4;

  public static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;

  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int FSCONFIG_SET_FLAG = 0;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_CMD_CREATE = 6;

  /// Offsets in `struct mount_attr`.
  private static final int ATTR_SET = 0;

  private static final int USERNS_FD = 24;
  private static final int SIZEOF_MOUNT_ATTR = 32;
  private static final NativeBytes EMPTY = NativeBytes.ofString("");

  private Mounts() {}

  /// mount(2). An empty array is NULL.
  public static int mount(byte[] source, byte[] target, byte[] fstype, int flags, byte[] data) {
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

  /// A context for a new superblock.
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
    return (int)
        keep(
            syscall(
                SyscallNumber.MOUNT_SETATTR,
                mount,
                EMPTY.address(),
                OpenFlags.AT_EMPTY_PATH,
                attr.address(),
                SIZEOF_MOUNT_ATTR,
                0),
            attr);
  }

  /// Attaches a detached mount at a directory of our mount namespace.
  public static int attach(int mount, int directory) {
    return (int)
        syscall(
            SyscallNumber.MOVE_MOUNT,
            mount,
            EMPTY.address(),
            directory,
            EMPTY.address(),
            MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH,
            0);
  }
}
