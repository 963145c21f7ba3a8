package dev.sluice.supervisor.target;

/// The text of IP addresses, as RFC 5952 has it; without allocating.
public final class IpText {
  private static final int GROUPS = 8;

  private IpText() {}

  /// The text of 4 or 16 bytes.
  public static String of(byte[] address) {
    var bytes = new Text();
    bytes.set(address);
    var text = new Text();
    if (address.length == 4) {
      ofIpv4(bytes, text);
    } else {
      ofIpv6(bytes, text);
    }
    return text.toString();
  }

  static void ofIpv4(Text bytes, Text to) {
    for (int i = 0; i < 4; i++) {
      if (i > 0) {
        to.append('.');
      }
      number(Byte.toUnsignedInt(bytes.at(i)), 10, to);
    }
  }

  static void ofIpv6(Text bytes, Text to) {
    int start = 0;
    int longest = 0;
    for (int i = 0; i < GROUPS; i++) {
      int zeros = zerosFrom(bytes, i);
      if (zeros > longest) {
        start = i;
        longest = zeros;
      }
    }
    for (int i = 0; i < GROUPS; i++) {
      if (longest > 1 && i == start) {
        to.append(':');
        to.append(':');
        i += longest - 1;
        continue;
      }
      if (i > 0 && to.at(to.length() - 1) != ':') {
        to.append(':');
      }
      number(group(bytes, i), 16, to);
    }
  }

  private static int zerosFrom(Text bytes, int from) {
    int count = 0;
    while (from + count < GROUPS && group(bytes, from + count) == 0) {
      count++;
    }
    return count;
  }

  private static int group(Text bytes, int index) {
    return Byte.toUnsignedInt(bytes.at(2 * index)) << 8
        | Byte.toUnsignedInt(bytes.at(2 * index + 1));
  }

  private static void number(int number, int radix, Text to) {
    if (number >= radix) {
      number(number / radix, radix, to);
    }
    to.append(Character.forDigit(number % radix, radix));
  }
}
