package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Sockets;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/// The names of address families, as address_families(7) has them without `AF_`, in small letters.
public final class AddressFamily {
  /// sys/socket.h
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(Sockets.AF_UNSPEC, "unspec"),
          Map.entry(Sockets.AF_UNIX, "unix"),
          Map.entry(Sockets.AF_INET, "inet"),
          Map.entry(3, "ax25"),
          Map.entry(4, "ipx"),
          Map.entry(5, "appletalk"),
          Map.entry(9, "x25"),
          Map.entry(Sockets.AF_INET6, "inet6"),
          Map.entry(15, "key"),
          Map.entry(16, "netlink"),
          Map.entry(17, "packet"),
          Map.entry(21, "rds"),
          Map.entry(24, "pppox"),
          Map.entry(26, "llc"),
          Map.entry(29, "can"),
          Map.entry(30, "tipc"),
          Map.entry(31, "bluetooth"),
          Map.entry(35, "phonet"),
          Map.entry(36, "ieee802154"),
          Map.entry(37, "caif"),
          Map.entry(38, "alg"),
          Map.entry(39, "nfc"),
          Map.entry(Sockets.AF_VSOCK, "vsock"),
          Map.entry(41, "kcm"),
          Map.entry(42, "qipcrtr"),
          Map.entry(43, "smc"),
          Map.entry(44, "xdp"),
          Map.entry(45, "mctp"));

  private static final Text[] TEXTS = new Text[64];

  static {
    for (int i = 0; i < TEXTS.length; i++) {
      TEXTS[i] = Text.of(NAMES.getOrDefault(i, Integer.toString(i)));
    }
  }

  private static final Text OTHER = Text.of("other");

  private AddressFamily() {}

  /// Those a policy may compare a family with.
  public static SortedSet<String> names() {
    return new TreeSet<>(NAMES.values());
  }

  /// The name of family `number`; the number itself, or `other`, if it has none.
  static Text of(int number) {
    return number < TEXTS.length ? TEXTS[number] : OTHER;
  }
}
