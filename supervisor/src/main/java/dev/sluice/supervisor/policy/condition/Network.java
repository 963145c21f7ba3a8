package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.IpText;
import dev.sluice.supervisor.target.Text;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The addresses that begin with the same bits, such as `10.0.0.0/8`; or one address.
///
/// @param address 4 or 16 bytes
/// @param prefix how many bits of it count
public record Network(byte[] address, int prefix) {
  private static final Pattern CIDR = Pattern.compile("([0-9a-fA-F:.]+)(?:/([0-9]{1,3}))?");
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

  /// How many bits of an IPv6 address stand before the IPv4 address in it.
  private static final int MAPPED = 96;

  /// Throws [IllegalArgumentException] in words for who wrote it.
  static Network parse(String text) {
    Matcher matcher = CIDR.matcher(text);
    if (!matcher.matches()) {
      throw wrong(text);
    }
    InetAddress parsed = literal(matcher.group(1), text);
    byte[] address = parsed.getAddress();
    int bits = Byte.SIZE * address.length;
    // Java, too, takes IPv4 in IPv6 for what it is
    int before = matcher.group(1).contains(":") && parsed instanceof Inet4Address ? MAPPED : 0;
    int prefix = matcher.group(2) == null ? bits : Integer.parseInt(matcher.group(2)) - before;
    if (prefix < 0 || prefix > bits) {
      throw new IllegalArgumentException(
          "'%s': a prefix of this family has %d to %d bits".formatted(text, before, bits + before));
    }
    byte[] first = firstOf(address, prefix);
    if (!Arrays.equals(first, address)) {
      throw new IllegalArgumentException(
          "'%s' has bits beyond its prefix; did you mean '%s/%d'?"
              .formatted(text, IpText.of(first), prefix + before));
    }
    return new Network(address, prefix);
  }

  private static InetAddress literal(String literal, String text) {
    try {
      return literal.contains(":") || IPV4.matcher(literal).matches()
          ? InetAddress.ofLiteral(literal)
          : refuse(text);
    } catch (IllegalArgumentException e) {
      return refuse(text);
    }
  }

  private static InetAddress refuse(String text) {
    throw wrong(text);
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is no network or address; these are: 10.0.0.0/8, 192.0.2.7, fd00::/8, ::1");
  }

  private static byte[] firstOf(byte[] address, int prefix) {
    byte[] first = address.clone();
    for (int bit = prefix; bit < Byte.SIZE * first.length; bit++) {
      first[bit / Byte.SIZE] &= (byte) ~(0x80 >> bit % Byte.SIZE);
    }
    return first;
  }

  /// Such as `10.0.0.0/8`.
  @Override
  public String toString() {
    return IpText.of(address) + (prefix == Byte.SIZE * address.length ? "" : "/" + prefix);
  }

  boolean contains(Text ip) {
    if (ip.length() != address.length) {
      return false;
    }
    int whole = prefix / Byte.SIZE;
    for (int i = 0; i < whole; i++) {
      if (ip.at(i) != address[i]) {
        return false;
      }
    }
    int rest = prefix % Byte.SIZE;
    return rest == 0 || (ip.at(whole) ^ address[whole]) >> (Byte.SIZE - rest) == 0;
  }
}
