package dev.sluice.supervisor.policy.explain;

import dev.sluice.supervisor.kernel.Sockets;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes a `struct sockaddr` of the words for it.
final class AddressReader {
  private static final Pattern INET = Pattern.compile("([0-9.]+)(?::(\\d{1,5}))?");
  private static final Pattern INET6 = Pattern.compile("\\[([0-9a-fA-F:.]+)](?::(\\d{1,5}))?");
  private static final String UNIX = "unix:";
  private static final int MAX_PORT = 65535;
  private static final int SUN_PATH_MAX = 108;

  private AddressReader() {}

  /// Throws [IllegalArgumentException], saying what is wrong with the words.
  static byte[] read(String words) {
    if (words.startsWith(UNIX)) {
      return unix(words.substring(UNIX.length()));
    }
    Matcher inet6 = INET6.matcher(words);
    if (inet6.matches()) {
      byte[] address = literal(inet6.group(1), words);
      return sockaddr(Sockets.AF_INET6, 28)
          .putShort(2, port(inet6, words))
          .put(8, address.length == 16 ? address : mapped(address))
          .array();
    }
    Matcher inet = INET.matcher(words);
    if (inet.matches()) {
      return sockaddr(Sockets.AF_INET, 16)
          .putShort(2, port(inet, words))
          .put(4, literal(inet.group(1), words))
          .array();
    }
    if (words.equals("unspec")) {
      return sockaddr(Sockets.AF_UNSPEC, 2).array();
    }
    throw wrong(words);
  }

  /// In the byte order of the network, but for the family.
  private static ByteBuffer sockaddr(int family, int length) {
    var bytes = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
    return bytes.putShort(0, (short) family).order(ByteOrder.BIG_ENDIAN);
  }

  private static byte[] unix(String path) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length > SUN_PATH_MAX) {
      throw new IllegalArgumentException(
          "'"
              + path
              + "' is longer than the "
              + SUN_PATH_MAX
              + " bytes of a unix socket's address");
    }
    if (path.startsWith("@")) {
      name[0] = 0;
    }
    return sockaddr(Sockets.AF_UNIX, 2 + name.length).put(2, name).array();
  }

  private static byte[] literal(String literal, String words) {
    try {
      return InetAddress.ofLiteral(literal).getAddress();
    } catch (IllegalArgumentException e) {
      throw wrong(words);
    }
  }

  private static byte[] mapped(byte[] ipv4) {
    return ByteBuffer.allocate(16).putShort(10, (short) 0xffff).put(12, ipv4).array();
  }

  private static short port(Matcher matcher, String words) {
    int port = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
    if (port > MAX_PORT) {
      throw wrong(words);
    }
    return (short) port;
  }

  private static IllegalArgumentException wrong(String words) {
    return new IllegalArgumentException(
        "'"
            + words
            + "' is no address; these are: 10.0.0.1:443, [fd00::1]:443, unix:/run/name,"
            + " unix:@name, unspec");
  }
}
