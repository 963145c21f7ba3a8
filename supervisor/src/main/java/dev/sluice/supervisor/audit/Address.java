package dev.sluice.supervisor.audit;

import java.util.HexFormat;
import java.util.Optional;

/// The socket address of a call, as the kernel understands it.
///
/// @param family such as `inet`
/// @param ip empty if it is another family's
/// @param port -1 if it has none
/// @param path of a Unix socket: where it leads, if `resolved`, else as it was given; an abstract
///   name behind an `@`
/// @param raw the `struct sockaddr`
public record Address(
    String family, String ip, long port, Optional<ByteText> path, boolean resolved, ByteText raw) {

  /// Where the name begins in a `struct sockaddr_un`.
  private static final int SUN_PATH = 2;

  /// Such as `inet 10.0.0.1:80`, `unix "/run/x"`.
  public String text() {
    return ByteText.harmless(name());
  }

  /// Whether it is the name of a Unix socket that is no file's.
  boolean isAbstract() {
    return path.isPresent() && raw.bytes().length > SUN_PATH && raw.bytes()[SUN_PATH] == 0;
  }

  private String name() {
    if (path.isPresent()) {
      return family + " " + path.get().quoted();
    }
    if (ip.isEmpty()) {
      return family + " 0x" + HexFormat.of().formatHex(raw.bytes());
    }
    String host = ip.indexOf(':') >= 0 ? "[" + ip + "]" : ip;
    return family + " " + host + (port < 0 ? "" : ":" + port);
  }
}
