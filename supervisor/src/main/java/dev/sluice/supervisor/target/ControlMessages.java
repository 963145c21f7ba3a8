package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Sockets;
import java.util.Arrays;

/// What goes beside the data of a message (cmsg(3)): a caller's messages, with copies of its
/// descriptors in place of its own.
public final class ControlMessages implements AutoCloseable {
  public static final ControlMessages NONE = new ControlMessages(Sockets.AF_UNSPEC, 0);

  /// `SCM_MAX_FD`
  private static final int MAX_DESCRIPTORS = 253;

  private static final int SIZEOF_UCRED = 12;

  private static final int CAP_SYS_ADMIN = 21;

  /// Of the socket.
  private final int domain;

  private final NativeBytes bytes;
  private int length;
  private int[] descriptors = {};
  private int[] places = {};

  private ControlMessages(int domain, int room) {
    this.domain = domain;
    bytes = NativeBytes.allocate(Math.max(room, 1));
  }

  /// Those of `request`, on their way to `socket`. Throws [Abort] with what the kernel would say.
  public static ControlMessages of(Call call, SendRequest request, int socket) {
    int given = request.controlLength();
    if (given == 0) {
      return NONE;
    }
    var from = NativeBytes.allocate(given);
    request.copyControl(call, from);
    // those of a 32-bit ABI become longer: at most twice as long, with one word more each
    var messages = new ControlMessages(Sockets.domain(socket), 2 * given + Sockets.SIZEOF_CMSGHDR);
    try {
      messages.copy(call, from, given, call.arch().is64Bit() ? Long.BYTES : Integer.BYTES);
    } catch (Abort abort) {
      messages.close();
      throw abort;
    }
    return messages;
  }

  private void copy(Call call, NativeBytes from, int end, int word) {
    int header = word + 2 * Integer.BYTES;
    int at = 0;
    while (end - at >= header) {
      long size = word == Long.BYTES ? from.getLong(at) : Integer.toUnsignedLong(from.getInt(at));
      if (size < header || size > end - at) {
        throw Abort.errno(Errno.EINVAL);
      }
      int level = from.getInt(at + (long) word);
      int type = from.getInt(at + (long) word + Integer.BYTES);
      add(call, level, type, from, at + header, (int) size - header);
      at = Math.min(end, at + align((int) size, word));
    }
  }

  private void add(Call call, int level, int type, NativeBytes from, int at, int count) {
    if (isRoute(level, type)) {
      throw Abort.errno(Errno.EPERM); // a route through somebody nobody looked at
    }
    if (level == Sockets.SOL_SOCKET && type == Sockets.SCM_CREDENTIALS) {
      if (domain == Sockets.AF_UNIX || domain == Sockets.AF_NETLINK) {
        addCredentials(call, from, at, count);
      } // others do not know it
    } else if (level == Sockets.SOL_SOCKET && type == Sockets.SCM_RIGHTS) {
      if (domain == Sockets.AF_NETLINK) {
        throw Abort.errno(Errno.EINVAL);
      }
      if (domain == Sockets.AF_UNIX) {
        addDescriptors(call, from, at, count);
      }
    } else {
      int place = begin(level, type, count);
      for (int i = 0; i < count; i++) {
        bytes.putByte(place + (long) i, from.getByte(at + (long) i));
      }
    }
  }

  private void addDescriptors(Call call, NativeBytes from, int at, int count) {
    int place = begin(Sockets.SOL_SOCKET, Sockets.SCM_RIGHTS, count);
    for (int i = 0; i < count / Integer.BYTES; i++) {
      addDescriptor(call, from.getInt(at + (long) i * Integer.BYTES), place + i * Integer.BYTES);
    }
  }

  private static boolean isRoute(int level, int type) {
    return switch (level) {
      case Sockets.SOL_IP -> type == Sockets.IP_RETOPTS;
      case Sockets.IPPROTO_IPV6 -> type == Sockets.IPV6_RTHDR || type == Sockets.IPV6_2292RTHDR;
      default -> false;
    };
  }

  /// Adds a header; returns where its `count` bytes of data belong.
  private int begin(int level, int type, int count) {
    int size = Sockets.SIZEOF_CMSGHDR + count;
    int place = length + Sockets.SIZEOF_CMSGHDR;
    bytes.putLong(length, size);
    bytes.putInt(length + (long) Long.BYTES, level);
    bytes.putInt(length + (long) Long.BYTES + Integer.BYTES, type);
    length += align(size, Long.BYTES);
    return place;
  }

  private void addDescriptor(Call call, int fd, int place) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK; // to close a copy may wait, as for a file system in user space
    }
    if (descriptors.length == MAX_DESCRIPTORS) {
      throw Abort.errno(Errno.EINVAL);
    }
    int copy = Abort.check(call.task().copyDescriptor(fd));
    descriptors = Arrays.copyOf(descriptors, descriptors.length + 1);
    descriptors[descriptors.length - 1] = copy;
    places = Arrays.copyOf(places, places.length + 1);
    places[places.length - 1] = place;
    bytes.putInt(place, copy);
  }

  /// Whoever sends may name itself, and so the caller; and who may name anybody is heard as it is.
  /// Otherwise nothing is said, and the kernel names who makes the call for the caller.
  private void addCredentials(Call call, NativeBytes from, int at, int count) {
    if (count != SIZEOF_UCRED) {
      throw Abort.errno(Errno.EINVAL);
    }
    Task task = call.task();
    int pid = from.getInt(at);
    var numbers = task.status().nstgids(); // ours first, its own last
    boolean itself = pid == numbers.getLast();
    boolean admin = (task.ownIdentity().credentials().effective() >> CAP_SYS_ADMIN & 1) != 0;
    if (!itself && (!admin || !task.isOurs() || numbers.size() > 1)) {
      throw Abort.errno(Errno.EPERM);
    }
    if (admin && task.isOurs()) {
      int place = begin(Sockets.SOL_SOCKET, Sockets.SCM_CREDENTIALS, SIZEOF_UCRED);
      bytes.putInt(place, itself ? task.tgid() : pid);
      bytes.putInt(place + 4L, from.getInt(at + 4L));
      bytes.putInt(place + 8L, from.getInt(at + 8L));
    }
  }

  private static int align(int size, int word) {
    return (size + word - 1) & -word;
  }

  /// As the kernel of this machine has them.
  public NativeBytes bytes() {
    return bytes;
  }

  public int length() {
    return length;
  }

  /// Descriptors of ours that stand in [#bytes].
  public int[] descriptors() {
    return descriptors;
  }

  /// Where they stand.
  public int[] places() {
    return places;
  }

  @Override
  public void close() {
    for (int fd : descriptors) {
      Files.close(fd);
    }
  }
}
