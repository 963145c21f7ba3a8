package dev.sluice.supervisor.kernel;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// unix(7) sockets, of type SOCK_SEQPACKET where nothing else is said, with descriptors in their
/// messages (SCM_RIGHTS, cmsg(3)). Everything is close-on-exec from birth.
public final class UnixSocket {
  /// The most descriptors one message may carry here.
  public static final int MAX_FDS = 16;

  /// How soon it is noticed that a process has ended which was to connect.
  private static final int LOOK_MILLIS = 50;

  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOCK_CLOEXEC = 02000000;
  static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;
  private static final int SO_PEERGROUPS = 59;
  private static final int SO_PEERPIDFD = 77;
  private static final int SHUT_RDWR = 2;
  private static final int MSG_PEEK = 2;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int MSG_CTRUNC = 8;
  private static final int MSG_TRUNC = 0x20;
  private static final int SUN_PATH_MAX = 107;

  private static final int SOME_GROUPS = 64;

  private UnixSocket() {}

  /// A listening socket at `path`, which must not exist. Throws [SyscallException].
  public static int listen(String path, int backlog) {
    return listen(path, backlog, SOCK_SEQPACKET);
  }

  /// The same of type SOCK_STREAM.
  public static int listenForStreams(String path, int backlog) {
    return listen(path, backlog, SOCK_STREAM);
  }

  private static int listen(String path, int backlog, int type) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length > SUN_PATH_MAX) {
      throw new SyscallException("bind", path, Errno.ENAMETOOLONG.number());
    }
    long fd = create(type);
    long rc = named(SyscallNumber.BIND, fd, name);
    if (rc == 0) {
      rc = CLibrary.syscall(SyscallNumber.LISTEN, fd, backlog);
    }
    if (rc < 0) {
      Files.close((int) fd);
    }
    SyscallException.check(rc, "bind", path);
    return (int) fd;
  }

  /// Removes a socket that somebody before us has left at `path`, if one is there. Throws
  /// [SyscallException]: EADDRINUSE if something else is, or if it still is somebody's.
  public static void removeLeft(String path) {
    var stat = new Stat();
    if (Files.fstatat(OpenFlags.AT_FDCWD, NativeBytes.ofString(path), stat) < 0) {
      return;
    }
    if (!stat.isSocket()) {
      throw new SyscallException("bind", path, Errno.EADDRINUSE.number());
    }
    // whoever listens is not disturbed: no socket of ours is of this type (EPROTOTYPE)
    int connection = connect(path, SOCK_DGRAM);
    if (connection != -Errno.ECONNREFUSED.number()) {
      if (connection >= 0) {
        Files.close(connection);
      }
      throw new SyscallException(
          "bind", path, Errno.EADDRINUSE.number(), "somebody is there, such as another agent");
    }
    if (!new File(path).delete()) {
      throw new SyscallException("unlink", path, Errno.EACCES.number());
    }
  }

  /// A connection to the socket at `path`. -errno on error, such as -ECONNREFUSED where nobody
  /// listens any more.
  public static int connect(String path) {
    return connect(path, SOCK_SEQPACKET);
  }

  /// The same of type SOCK_DGRAM; `@` at the beginning stands for the NUL of an abstract name.
  public static int connectForDatagrams(String path) {
    return connect(path, SOCK_DGRAM);
  }

  private static int connect(String path, int type) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length > SUN_PATH_MAX) {
      return -Errno.ENAMETOOLONG.number();
    }
    long fd = create(type);
    long rc = named(SyscallNumber.CONNECT, fd, name);
    if (rc < 0) {
      Files.close((int) fd);
      return (int) rc;
    }
    return (int) fd;
  }

  private static long create(int type) {
    long fd = CLibrary.syscall(SyscallNumber.SOCKET, AF_UNIX, type | SOCK_CLOEXEC, 0);
    return SyscallException.check(fd, "socket", "AF_UNIX");
  }

  private static long named(int call, long fd, byte[] name) {
    var address = NativeBytes.allocate(2 + SUN_PATH_MAX + 1);
    address.putShort(0, (short) AF_UNIX);
    address.put(2, name, 0, name.length);
    boolean isAbstract = name.length > 0 && name[0] == '@';
    if (isAbstract) {
      address.putByte(2, (byte) 0);
    }
    long rc = CLibrary.syscall(call, fd, address.address(), 2 + name.length + (isAbstract ? 0 : 1));
    return CLibrary.keep(rc, address);
  }

  /// Ends both directions, and every [#accept] on it (EINVAL).
  public static int shutdown(int fd) {
    return (int) CLibrary.syscall(SyscallNumber.SHUTDOWN, fd, SHUT_RDWR);
  }

  /// The next connection; blocks. -errno on error.
  public static int accept(int fd) {
    return (int) CLibrary.syscall(SyscallNumber.ACCEPT4, fd, 0, 0, SOCK_CLOEXEC);
  }

  /// The connection of a process that has just been started, at a socket that is bound to `path`.
  /// Throws [SyscallException]: EPIPE if it ends without one.
  public static int acceptFrom(Process process, int fd, String path) {
    while (true) {
      while (Poll.awaitInput(fd, LOOK_MILLIS) == 0) {
        if (!process.isAlive()) {
          throw new SyscallException("connect", path, Errno.EPIPE.number());
        }
      }
      int connection = SyscallException.checkInt(accept(fd), "accept", path);
      if (peer(connection).pid() == process.pid()) {
        return connection;
      }
      Files.close(connection); // whoever that is
    }
  }

  /// Who connected, or created the pair: SO_PEERCRED.
  public record Peer(int pid, int uid, int gid) {}

  public static Peer peer(int fd) {
    var ucred = NativeBytes.allocate(12);
    var size = NativeBytes.allocate(4);
    size.putInt(0, 12);
    long rc =
        CLibrary.keep(
            CLibrary.syscall(
                SyscallNumber.GETSOCKOPT,
                fd,
                SOL_SOCKET,
                SO_PEERCRED,
                ucred.address(),
                size.address(),
                0),
            ucred,
            size);
    SyscallException.check(rc, "getsockopt", "SO_PEERCRED");
    return new Peer(ucred.getInt(0), ucred.getInt(4), ucred.getInt(8));
  }

  /// Whether the same was in `group` then, by its group id or a supplementary one (SO_PEERGROUPS,
  /// Linux 4.13). Throws [SyscallException].
  public static boolean isPeerIn(int fd, int group) {
    var size = NativeBytes.allocate(4);
    var groups = NativeBytes.allocate(SOME_GROUPS * Integer.BYTES);
    long rc = peerGroups(fd, groups, size);
    if (rc == -Errno.ERANGE.number()) { // it has said how many there are
      groups = NativeBytes.allocate(size.getInt(0));
      rc = peerGroups(fd, groups, size);
    }
    SyscallException.check(rc, "getsockopt", "SO_PEERGROUPS");
    for (int at = 0; at < size.getInt(0); at += Integer.BYTES) {
      if (groups.getInt(at) == group) {
        return true;
      }
    }
    return peer(fd).gid() == group;
  }

  private static long peerGroups(int fd, NativeBytes groups, NativeBytes size) {
    size.putInt(0, (int) groups.size());
    return CLibrary.keep(
        CLibrary.syscall(
            SyscallNumber.GETSOCKOPT,
            fd,
            SOL_SOCKET,
            SO_PEERGROUPS,
            groups.address(),
            size.address(),
            0),
        groups,
        size);
  }

  /// A pidfd of the same, which never comes to mean another process; -errno on error, ENOPROTOOPT
  /// before Linux 6.5.
  public static int peerPidfd(int fd) {
    var pidfd = NativeBytes.allocate(4);
    var size = NativeBytes.allocate(4);
    size.putInt(0, 4);
    long rc =
        CLibrary.keep(
            CLibrary.syscall(
                SyscallNumber.GETSOCKOPT,
                fd,
                SOL_SOCKET,
                SO_PEERPIDFD,
                pidfd.address(),
                size.address(),
                0),
            pidfd,
            size);
    return rc < 0 ? (int) rc : pidfd.getInt(0);
  }

  /// Sends `count` bytes as one message, with descriptors. Returns the count, or -errno; no
  /// SIGPIPE.
  public static int send(int fd, NativeBytes bytes, int count, int... fds) {
    return send(fd, bytes, count, MSG_NOSIGNAL, fds);
  }

  /// The same, but -EAGAIN where it would wait for whoever receives.
  public static int sendNow(int fd, NativeBytes bytes, int count) {
    return send(fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT, new int[0]);
  }

  /// The same once there is room, for which it waits so long and no longer. The limit is ours:
  /// those of the socket (SO_SNDTIMEO) are everybody's who has it.
  public static int sendWithin(int fd, NativeBytes bytes, int count, Duration time) {
    long until = System.nanoTime() + time.toNanos();
    int sent = sendNow(fd, bytes, count);
    while (isToWait(sent, until)) {
      await(fd, Poll.POLLOUT, until);
      sent = sendNow(fd, bytes, count);
    }
    return sent;
  }

  private static boolean isToWait(int result, long until) {
    return result == -Errno.EINTR.number()
        || (result == -Errno.EAGAIN.number() && System.nanoTime() < until);
  }

  /// Or for less, such as until a signal.
  private static void await(int fd, int events, long until) {
    long millis = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime()) + 1;
    var _ = Poll.await(fd, events, Math.max(millis, 0));
  }

  private static int send(int fd, NativeBytes bytes, int count, int flags, int[] fds) {
    var message = SocketMessage.toSend(bytes, count, fds);
    return (int)
        CLibrary.keep(CLibrary.syscall(SyscallNumber.SENDMSG, fd, message.address(), flags), bytes);
  }

  /// What one message brought: its size, 0 at the end of the connection, or -errno; and
  /// descriptors, which are now ours to close.
  public record Received(int size, int[] fds) {}

  /// Receives one message; blocks. A message or descriptors that do not fit are -EMSGSIZE, with the
  /// descriptors closed.
  public static Received receive(int fd, NativeBytes to) {
    Received received = receive(fd, to, MSG_CMSG_CLOEXEC);
    while (received.size == -Errno.EINTR.number()) {
      received = receive(fd, to, MSG_CMSG_CLOEXEC);
    }
    return received;
  }

  /// The same, but -EAGAIN if there is none yet.
  public static Received receiveNow(int fd, NativeBytes to) {
    return receive(fd, to, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  }

  /// The same, but -EAGAIN only if none comes within that time, as [#sendWithin].
  public static Received receiveWithin(int fd, NativeBytes to, Duration time) {
    long until = System.nanoTime() + time.toNanos();
    Received received = receiveNow(fd, to);
    while (isToWait(received.size, until)) {
      await(fd, Poll.POLLIN, until);
      received = receiveNow(fd, to);
    }
    return received;
  }

  private static Received receive(int fd, NativeBytes to, int flags) {
    var message = SocketMessage.toReceive(to);
    int size =
        (int)
            CLibrary.keep(
                CLibrary.syscall(SyscallNumber.RECVMSG, fd, message.address(), flags), to);
    if (size < 0) {
      return new Received(size, new int[0]);
    }
    for (int each : message.pidfds()) {
      if (each >= 0) { // it is an error where the sender has ended
        Files.close(each);
      }
    }
    int[] fds = message.fds();
    if ((message.flags() & (MSG_TRUNC | MSG_CTRUNC)) != 0 || fds.length > MAX_FDS) {
      for (int each : fds) {
        FromOthers.close(each);
      }
      return new Received(-Errno.EMSGSIZE.number(), new int[0]);
    }
    return new Received(size, fds);
  }

  /// The beginning of the next message, which stays to be received, and nothing of its descriptors.
  /// Returns the size of the whole message, 0 at the end of the connection, or -errno; -EAGAIN if
  /// there is none.
  public static int peek(int fd, NativeBytes to) {
    var message = SocketMessage.toPeek(to);
    int flags = MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT;
    return (int)
        CLibrary.keep(CLibrary.syscall(SyscallNumber.RECVMSG, fd, message.address(), flags), to);
  }
}
