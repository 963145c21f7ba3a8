package dev.sluice.agent.control;

import dev.sluice.supervisor.Peer;
import dev.sluice.supervisor.kernel.Processes;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/// Who may ask.
interface Access {
  /// Why not; empty if it may.
  ///
  /// @param authorization that header; empty if there is none
  Optional<String> refusal(Channel channel, String authorization);

  /// Root, and who runs the agent, unless it is supervised itself: a container may run as root.
  static Access ofPeer() {
    return (channel, _) -> {
      try {
        var socket = (EpollDomainSocketChannel) channel;
        int uid = socket.peerCredentials().uid();
        boolean known = uid == 0 || uid == Processes.geteuid();
        return known && Peer.isUnsupervised(socket.fd().intValue())
            ? Optional.empty()
            : Optional.of("only root and the agent's user may ask, and nobody who is supervised");
      } catch (IOException gone) {
        return Optional.of("who asks is gone");
      }
    };
  }

  /// Who has the token.
  static Access ofToken(String token) {
    byte[] expected = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    return (_, authorization) ->
        MessageDigest.isEqual(expected, authorization.getBytes(StandardCharsets.UTF_8))
            ? Optional.empty()
            : Optional.of("a bearer token is needed");
  }
}
