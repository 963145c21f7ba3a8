package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Descriptors;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Sockets;
import dev.sluice.supervisor.kernel.SystemCall;

/// For tasks that have our credentials, namespaces and root: we make the call ourselves, on a
/// thread that has a umask and a working directory of its own ([Files#unshareFs]).
public final class LocalSyscalls implements Syscalls {
  /// More than a datagram can be (net.core.wmem_max), unless somebody allowed it.
  private static final int MAX_MESSAGE = 1 << 20;

  private static final int WORKING_DIRECTORY =
      Files.open(".", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);

  @Override
  public int pin(int dirfd, NativeBytes path, int flags, long resolve) {
    return Files.openat2(dirfd, path, flags, 0, resolve);
  }

  @Override
  public long make(Operation operation, boolean again) {
    if (operation.isLimited() || operation.isInDeviceCgroups()) {
      throw new IllegalArgumentException("only a worker can have a target's limits");
    }
    if (!operation.members().isEmpty()) {
      throw new IllegalArgumentException("what holds descriptors and pointers is for a worker");
    }
    if (!operation.holds()) {
      return -Errno.ESRCH.number();
    }
    boolean isElsewhere = operation.directory() != Operation.NO_DIRECTORY;
    int entered = isElsewhere ? Files.fchdir(operation.directory()) : 0;
    if (entered < 0) {
      return entered;
    }
    int mask = operation.umask();
    int before = mask == Operation.NO_UMASK ? 0 : Files.umask(mask);
    try {
      return SystemCall.make(
          operation.nr(),
          operation.register(0),
          operation.register(1),
          operation.register(2),
          operation.register(3),
          operation.register(4),
          operation.register(5));
    } finally {
      if (mask != Operation.NO_UMASK) {
        Files.umask(before);
      }
      if (isElsewhere) {
        Files.fchdir(WORKING_DIRECTORY);
      }
    }
  }

  @Override
  public int open(Operation operation) {
    return (int) make(operation, true);
  }

  @Override
  public int create(int directory, NativeBytes name, int flags, int mode, int umask) {
    int before = Files.umask(umask);
    try {
      return Files.openat(directory, name, flags, mode);
    } finally {
      Files.umask(before);
    }
  }

  @Override
  public int reopen(int pinned, int flags) {
    return Descriptors.reopen(pinned, flags);
  }

  @Override
  public int mount(
      int sourceObject, byte[] source, int target, byte[] fstype, long flags, MountData data) {
    return Mounts.mount(
        sourceObject < 0 ? source : Descriptors.path(sourceObject),
        Descriptors.path(target),
        fstype,
        flags,
        data.bytes(data.descriptor()));
  }

  @Override
  public long setMountAttributes(int object, int flags, byte[] attr, long size, int userNamespace) {
    return Mounts.setAttributes(object, flags, attr, size, userNamespace);
  }

  @Override
  public int fsopen(byte[] fstype, int flags) {
    return Mounts.fsopen(fstype, flags);
  }

  @Override
  public int createAlone(int context, String device, int number) {
    return -Errno.EPERM.number(); // as below
  }

  @Override
  public int lock(int mount, TaskFiles files) {
    return -Errno.EPERM.number(); // as below
  }

  @Override
  public int attachLocked(int mount, String below, int object, TaskFiles files) {
    // flags are locked on the way into a user namespace only, and here both have the same
    return -Errno.EPERM.number();
  }

  @Override
  public int serve(ServedImage image, int object, TaskFiles files) {
    return -Errno.EPERM.number(); // as above
  }

  @Override
  public int connect(int socket, NativeBytes address, int length) {
    return Sockets.connect(socket, address, length);
  }

  @Override
  public int connectTo(int socket, int pinned) {
    NativeBytes address = NativeBytes.allocate(Sockets.SIZEOF_SOCKADDR_UN);
    return Sockets.connect(socket, address, Sockets.unixAddress(Descriptors.path(pinned), address));
  }

  @Override
  public int bind(int socket, NativeBytes address, int length) {
    return Sockets.bind(socket, address, length);
  }

  @Override
  public int bindName(int socket, int directory, NativeBytes name, int umask) {
    int entered = Files.fchdir(directory);
    if (entered < 0) {
      return entered;
    }
    int before = Files.umask(umask);
    try {
      NativeBytes address = NativeBytes.allocate(Sockets.SIZEOF_SOCKADDR_UN);
      return Sockets.bind(socket, address, Sockets.unixAddress(name, address));
    } finally {
      Files.umask(before);
      Files.fchdir(WORKING_DIRECTORY);
    }
  }

  @Override
  public int send(int socket, OutgoingMessage message, int flags) {
    NativeBytes address = message.address();
    int length = message.addressLength();
    if (message.file() >= 0) {
      address = NativeBytes.allocate(Sockets.SIZEOF_SOCKADDR_UN);
      length = Sockets.unixAddress(Descriptors.path(message.file()), address);
    }
    var control = message.control();
    return Sockets.sendmsg(
        socket,
        address,
        length,
        message.data(),
        message.count(),
        control.bytes(),
        control.length(),
        flags);
  }

  @Override
  public int maxMessage() {
    return MAX_MESSAGE;
  }

  @Override
  public boolean isMadeBy(int pid) {
    return Processes.isOwnThread(pid);
  }

  @Override
  public boolean isInline() {
    return true;
  }
}
