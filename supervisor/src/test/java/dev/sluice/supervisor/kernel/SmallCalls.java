package dev.sluice.supervisor.kernel;

import dev.sluice.supervisor.syscall.Arch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Calls that only tests make: a peer's side of a socket, a directory below a descriptor.
final class SmallCalls {
  private static final int AF_UNIX = 1;
  private static final int SEQPACKET_CLOEXEC = 5 | OpenFlags.O_CLOEXEC;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;

  private SmallCalls() {}

  static int mkdirat(int directory, String name) {
    var path = NativeBytes.ofString(name);
    return (int) call("mkdirat", path, directory, path.address(), 0700);
  }

  static int rmdirat(int directory, String name) {
    var path = NativeBytes.ofString(name);
    int removeDirectory = 0x200;
    return (int) call("unlinkat", path, directory, path.address(), removeDirectory);
  }

  static int[] socketpair() {
    var pair = NativeBytes.allocate(8);
    call("socketpair", pair, AF_UNIX, SEQPACKET_CLOEXEC, 0, pair.address());
    return new int[] {pair.getInt(0), pair.getInt(4)};
  }

  static int connect(String path) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    var address = NativeBytes.allocate(110);
    address.putShort(0, (short) AF_UNIX);
    address.put(2, name, 0, name.length);
    int fd = (int) call("socket", address, AF_UNIX, SEQPACKET_CLOEXEC, 0);
    call("connect", address, fd, address.address(), 110);
    return fd;
  }

  /// Sends one byte and `count` copies of the socket itself.
  static void sendDescriptors(int socket, int count) {
    int length = 16 + 4 * count;
    // struct msghdr, struct iovec, struct cmsghdr
    var memory = NativeBytes.allocate(56 + 16 + length);
    long iovec = memory.address() + 56;
    memory.putLong(16, iovec);
    memory.putLong(24, 1);
    memory.putLong(32, iovec + 16);
    memory.putLong(40, length);
    memory.putLong(56, memory.address());
    memory.putLong(64, 1);
    memory.putLong(72, length);
    memory.putInt(80, SOL_SOCKET);
    memory.putInt(84, SCM_RIGHTS);
    for (int i = 0; i < count; i++) {
      memory.putInt(88 + 4L * i, socket);
    }
    call("sendmsg", memory, socket, memory.address(), 0);
  }

  /// Switches on an option of SOL_SOCKET that says only whether. -errno on error.
  static int setOption(int socket, int option) {
    var value = NativeBytes.allocate(Integer.BYTES);
    value.putInt(0, 1);
    long rc =
        CLibrary.syscall(
            SyscallNumber.SETSOCKOPT, socket, SOL_SOCKET, option, value.address(), 4, 0);
    return (int) CLibrary.keep(rc, value);
  }

  private static long call(String name, Object memory, long... arguments) {
    long[] six = Arrays.copyOf(arguments, 6);
    int nr = Arch.host().number(name).orElseThrow();
    long result =
        CLibrary.keep(CLibrary.syscall(nr, six[0], six[1], six[2], six[3], six[4], six[5]), memory);
    return SyscallException.check(result, name, "");
  }
}
