package dev.sluice.agent.control;

import dev.sluice.supervisor.Peer;
import dev.sluice.supervisor.kernel.Processes;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/// Who may ask, through one connection.
interface Access {
  /// What is before a token.
  String BEARER = "Bearer ";

  /// Why not; empty if it may.
  ///
  /// @param method of HTTP
  /// @param authorization that header; empty if there is none
  Optional<String> refusal(String method, String authorization);

  /// Root, and who runs the agent, unless it is supervised itself: a container may run as root. To
  /// be called on the loop of the connection, which is open until then.
  static Access ofPeer(EpollDomainSocketChannel connection) {
    Optional<String> refusal =
        isWelcome(connection)
            ? Optional.empty()
            : Optional.of("only root and the agent's user may ask, and nobody who is supervised");
    return (_, _) -> refusal;
  }

  private static boolean isWelcome(EpollDomainSocketChannel connection) {
    try {
      int uid = connection.peerCredentials().uid();
      return (uid == 0 || uid == Processes.geteuid())
          && Peer.isUnsupervised(connection.fd().intValue());
    } catch (IOException gone) {
      return false;
    }
  }

  /// Who has the token; who has the other, if there is one, may only look.
  static Access ofTokens(String token, Optional<String> readToken) {
    byte[] all = token.getBytes(StandardCharsets.UTF_8);
    Optional<byte[]> reading = readToken.map(text -> text.getBytes(StandardCharsets.UTF_8));
    return (method, authorization) -> {
      byte[] given = bearer(authorization).getBytes(StandardCharsets.UTF_8);
      if (MessageDigest.isEqual(all, given)) {
        return Optional.empty();
      }
      if (reading.isEmpty() || !MessageDigest.isEqual(reading.get(), given)) {
        return Optional.of("a bearer token is needed");
      }
      return method.equals("GET")
          ? Optional.empty()
          : Optional.of("this token is for looking (GET), and changes nothing");
    };
  }

  /// The token; empty, which none is, if there is none. Whoever writes `bearer` means the same (RFC
  /// 9110, 11.1).
  private static String bearer(String authorization) {
    return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? authorization.substring(BEARER.length()).strip()
        : "";
  }
}
