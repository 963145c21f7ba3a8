package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Sockets;
import java.util.Set;

/// A `struct sockaddr`, copied once, as the kernel will understand it: where several addresses mean
/// one thing, it is made the one that a policy would name. Mutable and reused, so that reading one
/// allocates nothing.
///
/// - IPv4 in IPv6 (`::ffff:10.0.0.1`) is IPv4, as the packets will be.
/// - To connect or send to `0.0.0.0` or `::` means this machine: that becomes `127.0.0.1`, `::1`.
/// - AF_UNSPEC is an address to some protocols (udp(7), bind(2)) and none to others, so only
///   connect(2), where it always ends a connection, may have it.
public final class SocketAddress {
  /// `sizeof(struct sockaddr_storage)`
  public static final int MAX_LENGTH = 128;

  /// What the call does with it.
  public enum Use {
    BIND,
    CONNECT,
    SEND
  }

  private static final Set<String> CALLS =
      Set.of("connect", "bind", "sendto", "sendmsg", "sendmmsg");

  /// No port.
  public static final long NO_PORT = -1;

  private static final int SIZEOF_FAMILY = 2;
  private static final int SIZEOF_SOCKADDR_IN = 16;

  /// Without `sin6_scope_id`, which RFC 2133 did not have.
  private static final int MIN_SOCKADDR_IN6 = 24;

  private static final int SIZEOF_SOCKADDR_VM = 16;
  private static final int SIZEOF_SOCKADDR_UN = 110;
  private static final int IN_ADDR = 4;
  private static final int IN6_ADDR = 8;

  /// Where the IPv4 part of an IPv6 address lies in its `struct sockaddr_in6`.
  private static final int MAPPED = IN6_ADDR + 12;

  private static final int SUN_PATH = 2;

  private static final Text NO_FAMILY = new Text();

  private final NativeBytes raw = NativeBytes.allocate(MAX_LENGTH + 1L);
  private int length;
  private int family;
  private long port = NO_PORT;
  private boolean file;

  /// 4 or 16 bytes, or none.
  private final Text ipBytes = new Text();

  private final Text ip = new Text();
  private final Text path = new Text();

  /// Whether a call of that name may give a socket an address.
  public static boolean isOf(String call) {
    return CALLS.contains(call);
  }

  /// Whether the call has an address at all: to send on a connected socket, none is needed.
  public boolean isGiven() {
    return length > 0;
  }

  /// Such as `inet`; empty without an address.
  public Text family() {
    return isGiven() ? AddressFamily.of(family) : NO_FAMILY;
  }

  /// Such as `10.0.0.1` or `fd00::1`; empty if it is another family's.
  public Text ip() {
    return ip;
  }

  /// The address as it is sent, 4 or 16 bytes; empty if it is another family's.
  public Text ipBytes() {
    return ipBytes;
  }

  /// The port of inet, inet6 and vsock, or [#NO_PORT].
  public long port() {
    return port;
  }

  /// unix(7): the path as it was given, or an abstract name behind an `@`. Empty for the unnamed,
  /// and other families.
  public Text path() {
    return path;
  }

  /// Whether it names a file.
  public boolean isFile() {
    return file;
  }

  /// `struct sockaddr`, of [#length] bytes.
  public NativeBytes raw() {
    return raw;
  }

  public int length() {
    return length;
  }

  boolean isSame(SocketAddress other) {
    if (length != other.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (raw.getByte(i) != other.raw.getByte(i)) {
        return false;
      }
    }
    return true;
  }

  void clear() {
    length = 0;
    family = Sockets.AF_UNSPEC;
    port = NO_PORT;
    file = false;
    ipBytes.clear();
    ip.clear();
    path.clear();
  }

  /// Copies `count` bytes at `address` of the caller. Throws [Abort] with what the kernel would
  /// say.
  void read(Call call, long address, int count, Use use) {
    clear();
    checkCount(count, use);
    if (count > 0) {
      call.memory().copy(address, raw, count);
      parse(count, use);
    }
  }

  /// The same from bytes.
  public void set(byte[] sockaddr, Use use) {
    clear();
    checkCount(sockaddr.length, use);
    raw.put(0, sockaddr, 0, sockaddr.length);
    if (sockaddr.length > 0) {
      parse(sockaddr.length, use);
    }
  }

  private static void checkCount(int count, Use use) {
    boolean missing = use == Use.SEND ? count == 1 : count < SIZEOF_FAMILY;
    if (count < 0 || count > MAX_LENGTH || missing) {
      throw Abort.errno(Errno.EINVAL);
    }
  }

  private void parse(int count, Use use) {
    raw.putByte(count, (byte) 0);
    family = Short.toUnsignedInt(raw.getShort(0));
    switch (family) {
      case Sockets.AF_UNSPEC -> refuseUnless(use == Use.CONNECT, Errno.EAFNOSUPPORT);
      case Sockets.AF_INET -> parseInet(count, use);
      case Sockets.AF_INET6 -> parseInet6(count, use);
      case Sockets.AF_UNIX -> parseUnix(count);
      case Sockets.AF_VSOCK -> {
        refuseUnless(count >= SIZEOF_SOCKADDR_VM, Errno.EINVAL);
        port = Integer.toUnsignedLong(raw.getInt(4));
      }
      default -> {}
    }
    length = count;
  }

  private static void refuseUnless(boolean well, Errno errno) {
    if (!well) {
      throw Abort.errno(errno);
    }
  }

  private void parseInet(int count, Use use) {
    refuseUnless(count >= SIZEOF_SOCKADDR_IN, Errno.EINVAL);
    port = portAt2();
    if (use != Use.BIND) {
      loopbackIfAny(IN_ADDR);
    }
    setIpv4(IN_ADDR);
  }

  private void parseInet6(int count, Use use) {
    refuseUnless(count >= MIN_SOCKADDR_IN6, Errno.EINVAL);
    port = portAt2();
    if (isMapped()) {
      family = Sockets.AF_INET;
      if (use != Use.BIND) {
        loopbackIfAny(MAPPED);
      }
      setIpv4(MAPPED);
      return;
    }
    if (use != Use.BIND && isZero(IN6_ADDR, 16)) {
      raw.putByte(IN6_ADDR + 15L, (byte) 1);
    }
    ipBytes.append(raw, IN6_ADDR, 16);
    IpText.ofIpv6(ipBytes, ip);
  }

  private long portAt2() {
    return Byte.toUnsignedLong(raw.getByte(2)) << 8 | Byte.toUnsignedLong(raw.getByte(3));
  }

  private void loopbackIfAny(int offset) {
    if (isZero(offset, 4)) {
      raw.putByte(offset, (byte) 127);
      raw.putByte(offset + 3L, (byte) 1);
    }
  }

  private void setIpv4(int offset) {
    ipBytes.append(raw, offset, 4);
    IpText.ofIpv4(ipBytes, ip);
  }

  private boolean isMapped() {
    return isZero(IN6_ADDR, 10)
        && raw.getByte(MAPPED - 2L) == (byte) 0xff
        && raw.getByte(MAPPED - 1L) == (byte) 0xff;
  }

  private boolean isZero(int offset, int count) {
    for (int i = 0; i < count; i++) {
      if (raw.getByte(offset + (long) i) != 0) {
        return false;
      }
    }
    return true;
  }

  private void parseUnix(int count) {
    refuseUnless(count <= SIZEOF_SOCKADDR_UN, Errno.EINVAL);
    if (count == SUN_PATH) {
      return;
    }
    if (raw.getByte(SUN_PATH) == 0) {
      path.append('@');
      path.append(raw, SUN_PATH + 1, count - SUN_PATH - 1);
      return;
    }
    file = true;
    int nul = raw.indexOfNul(SUN_PATH, count);
    path.append(raw, SUN_PATH, (nul < 0 ? count : nul) - SUN_PATH);
  }
}
