package dev.sluice.agent.control;

import dev.sluice.supervisor.policy.FileErrors;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;

/// A TCP port with TLS, a token, and perhaps one with which one may only look.
public record Secured(
    InetSocketAddress address, SslContext tls, String token, Optional<String> readToken) {
  private static final int LEAST_TOKEN = 16;

  /// Throws [IllegalArgumentException], saying what is wrong.
  ///
  /// @param address `HOST:PORT`, or `[IPV6]:PORT`
  /// @param certificate a chain, as PEM
  /// @param key as PEM, PKCS #8
  /// @param token a file with nothing else in it
  /// @param readToken the same
  public static Secured of(
      String address, Path certificate, Path key, Path token, Optional<Path> readToken) {
    var secured =
        new Secured(
            address(address), tls(certificate, key), token(token), readToken.map(Secured::token));
    if (secured.readToken.equals(Optional.of(secured.token))) {
      throw new IllegalArgumentException(
          "\"" + token + "\" and \"" + readToken.orElseThrow() + "\" have the same token");
    }
    return secured;
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    try {
      String host = text.substring(0, Math.max(colon, 0)).replaceAll("[\\[\\]]", "");
      var address = new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
      if (colon > 0 && !address.isUnresolved()) {
        return address;
      }
    } catch (IllegalArgumentException notOne) {
      // said below
    }
    throw new IllegalArgumentException("\"" + text + "\" is no HOST:PORT");
  }

  private static SslContext tls(Path certificate, Path key) {
    try {
      return SslContextBuilder.forServer(certificate.toFile(), key.toFile()).build();
    } catch (IOException | IllegalArgumentException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException(
          "\""
              + certificate
              + "\" and \""
              + key
              + "\" are no certificate with its key: "
              + cause.getMessage(),
          e);
    }
  }

  private static String token(Path file) {
    try {
      if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
        throw new IllegalArgumentException("\"" + file + "\" can be read by everybody");
      }
      String token = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
      if (token.length() < LEAST_TOKEN) {
        throw new IllegalArgumentException(
            "\"" + file + "\" has no token of " + LEAST_TOKEN + " characters or more");
      }
      if (!token.matches("[ -~\\t]+")) {
        throw new IllegalArgumentException(
            "\"" + file + "\" is not one line of printable ASCII: no client can send it");
      }
      return token;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "\"" + file + "\" cannot be read: " + FileErrors.reason(e), e);
    }
  }
}
