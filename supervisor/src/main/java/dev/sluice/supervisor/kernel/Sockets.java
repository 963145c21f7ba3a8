package dev.sluice.supervisor.kernel;

import static dev.sluice.supervisor.kernel.CLibrary.keep;
import static dev.sluice.supervisor.kernel.CLibrary.syscall;

/// connect(2), bind(2), sendmsg(2) and getsockopt(2) on sockets that are a target's: descriptors of
/// ours for what it has open. Results are those of the kernel: -errno on error.
public final class Sockets {
  public static final int AF_UNSPEC = 0;
  public static final int AF_UNIX = 1;
  public static final int AF_INET = 2;
  public static final int AF_INET6 = 10;
  public static final int AF_NETLINK = 16;
  public static final int AF_VSOCK = 40;

  public static final int SOCK_STREAM = 1;
  public static final int SOCK_DGRAM = 2;
  public static final int SOCK_RAW = 3;
  public static final int SOCK_SEQPACKET = 5;

  public static final int MSG_OOB = 1;
  public static final int MSG_DONTWAIT = 0x40;
  public static final int MSG_EOR = 0x80;
  public static final int MSG_NOSIGNAL = 0x4000;
  public static final int MSG_MORE = 0x8000;
  public static final int MSG_ZEROCOPY = 0x4000000;
  public static final int MSG_FASTOPEN = 0x20000000;

  /// `sizeof(struct sockaddr_un)`
  public static final int SIZEOF_SOCKADDR_UN = 110;

  public static final int SIZEOF_CMSGHDR = 16;

  public static final int SOL_SOCKET = 1;
  public static final int SCM_RIGHTS = 1;
  public static final int SCM_CREDENTIALS = 2;

  public static final int SOL_IP = 0;
  public static final int IP_OPTIONS = 4;
  public static final int IP_RETOPTS = 7;

  public static final int IPPROTO_IPV6 = 41;
  public static final int IPV6_RTHDR = 57;

  /// Leases a flow label, whose options may have a route among them.
  public static final int IPV6_FLOWLABEL_MGR = 32;

  /// What RFC 2292 had for [#IPV6_RTHDR], as one option or among others.
  public static final int IPV6_2292RTHDR = 5;

  public static final int IPV6_2292PKTOPTIONS = 6;

  private static final int NAME = 0;
  private static final int NAME_LENGTH = 8;
  private static final int PARTS = 16;
  private static final int PART_COUNT = 24;
  private static final int CONTROL = 32;
  private static final int CONTROL_LENGTH = 40;

  private static final int SO_TYPE = 3;
  private static final int SO_LINGER = 13;
  private static final int SO_SNDTIMEO = 21;
  private static final int SO_PROTOCOL = 38;
  private static final int SO_DOMAIN = 39;
  private static final int F_GETFL = 3;
  private static final short POLLOUT = 4;
  private static final int SUN_PATH = 2;
  private static final long MILLION = 1_000_000;
  private static final int THOUSAND = 1000;

  private Sockets() {}

  public static int connect(int socket, NativeBytes address, int length) {
    return (int) keep(syscall(SyscallNumber.CONNECT, socket, address.address(), length), address);
  }

  public static int bind(int socket, NativeBytes address, int length) {
    return (int) keep(syscall(SyscallNumber.BIND, socket, address.address(), length), address);
  }

  /// Sends the first `count` bytes of `data`, to an address of `length` bytes if it has any, with
  /// `controlLength` bytes of control messages.
  public static int sendmsg(
      int socket,
      NativeBytes address,
      int length,
      NativeBytes data,
      int count,
      NativeBytes control,
      int controlLength,
      int flags) {
    Scratch scratch = Scratch.ofThread();
    NativeBytes part = scratch.iovecs;
    part.putLong(0, data.address());
    part.putLong(Long.BYTES, count);
    NativeBytes header = scratch.messageHeader;
    header.putLong(NAME, length == 0 ? 0 : address.address());
    header.putLong(NAME_LENGTH, length);
    header.putLong(PARTS, part.address());
    header.putLong(PART_COUNT, 1);
    header.putLong(CONTROL, controlLength == 0 ? 0 : control.address());
    header.putLong(CONTROL_LENGTH, controlLength);
    long sent = keep(syscall(SyscallNumber.SENDMSG, socket, header.address(), flags), address);
    return (int) keep(sent, data, control);
  }

  /// Such as [#SOCK_STREAM]; -ENOTSOCK.
  public static int type(int socket) {
    return number(socket, SO_TYPE);
  }

  /// Such as [#AF_UNIX]; -ENOTSOCK.
  public static int domain(int socket) {
    return number(socket, SO_DOMAIN);
  }

  /// The third argument of socket(2), or what it stood for; -ENOTSOCK.
  public static int protocol(int socket) {
    return number(socket, SO_PROTOCOL);
  }

  private static int number(int socket, int name) {
    NativeBytes option = Scratch.ofThread().option;
    int rc = option(socket, name, option, Integer.BYTES);
    return rc < 0 ? rc : option.getInt(0);
  }

  /// Whether to close a descriptor may wait: it is of a socket that lingers (SO_LINGER), or of no
  /// socket at all (ENOTSOCK).
  public static boolean waitsForClose(int descriptor) {
    NativeBytes option = Scratch.ofThread().option;
    return option(descriptor, SO_LINGER, option, 2 * Integer.BYTES) != 0 || option.getInt(0) != 0;
  }

  /// Has a close not wait any more.
  static int lingerNot(int socket) {
    NativeBytes option = Scratch.ofThread().option;
    option.putLong(0, 0);
    return (int)
        syscall(
            SyscallNumber.SETSOCKOPT,
            socket,
            SOL_SOCKET,
            SO_LINGER,
            option.address(),
            2 * Integer.BYTES,
            0);
  }

  /// Whether sends and connects give up some time by themselves (SO_SNDTIMEO).
  public static boolean hasSendTimeout(int socket) {
    NativeBytes option = Scratch.ofThread().option;
    return option(socket, SO_SNDTIMEO, option, 2 * Long.BYTES) == 0
        && (option.getLong(0) | option.getLong(Long.BYTES)) != 0;
  }

  /// The time sends have (SO_SNDTIMEO) in milliseconds, rounded up; 0 if they wait for ever.
  public static long sendTimeoutMillis(int socket) {
    if (!hasSendTimeout(socket)) {
      return 0;
    }
    NativeBytes option = Scratch.ofThread().option;
    long micros = option.getLong(0) * MILLION + option.getLong(Long.BYTES);
    return (micros + THOUSAND - 1) / THOUSAND;
  }

  private static int option(int socket, int name, NativeBytes value, int size) {
    NativeBytes length = Scratch.ofThread().optionLength;
    length.putInt(0, size);
    return (int)
        syscall(
            SyscallNumber.GETSOCKOPT,
            socket,
            SOL_SOCKET,
            name,
            value.address(),
            length.address(),
            0);
  }

  /// Whether calls on the open file do not wait (O_NONBLOCK).
  public static boolean isNonBlocking(int socket) {
    long flags = syscall(SyscallNumber.FCNTL, socket, F_GETFL);
    return flags >= 0 && (flags & OpenFlags.O_NONBLOCK) != 0;
  }

  /// Waits until more can be sent, or an error told, or the time is over. 0 if it is.
  public static int awaitRoom(int socket, int millis) {
    NativeBytes option = Scratch.ofThread().option;
    option.putInt(0, socket);
    option.putShort(4, POLLOUT);
    option.putShort(6, (short) 0);
    return poll(option.address(), 1, millis);
  }

  /// Waits, and for nothing else than time.
  public static void pause(int millis) {
    poll(0, 0, millis);
  }

  private static int poll(long descriptors, int count, int millis) {
    NativeBytes time = Scratch.ofThread().pollTime;
    time.putLong(0, millis / THOUSAND);
    time.putLong(Long.BYTES, millis % THOUSAND * MILLION);
    return (int) syscall(SyscallNumber.PPOLL, descriptors, count, time.address(), 0);
  }

  /// Closes a descriptor without waiting.
  public static void closeAtOnce(int socket) {
    if (waitsForClose(socket)) {
      Closers.close(socket);
    } else {
      Files.close(socket);
    }
  }

  /// Writes the unix(7) address of a path, which must fit; returns its length.
  public static int unixAddress(byte[] path, NativeBytes to) {
    to.putShort(0, (short) AF_UNIX);
    to.put(SUN_PATH, path, 0, path.length);
    return SUN_PATH + path.length;
  }

  /// The same of a NUL-terminated name.
  public static int unixAddress(NativeBytes name, NativeBytes to) {
    byte[] bytes = new byte[name.indexOfNul(0, (int) name.size())];
    name.get(0, bytes, 0, bytes.length);
    return unixAddress(bytes, to);
  }
}
