package dev.sluice.supervisor.audit.notice;

import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.kernel.UnixSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Whoever receives datagrams at a Unix socket, an alert each. It is looked for again after every
/// failure: it may have started anew.
abstract class DatagramTarget implements NoticeTarget {
  private final String path;
  private int socket = -1;

  /// @param path `@` at the beginning stands for an abstract name
  DatagramTarget(String path) {
    this.path = path;
  }

  /// One datagram.
  abstract String message(Notice alert);

  @Override
  public final int deliver(List<Notice> alerts) throws IOException {
    int delivered = 0;
    for (Notice alert : alerts) {
      int sent = send(message(alert));
      if (sent == -Errno.EMSGSIZE.number()) {
        sent = send(message(alert.brief()));
      }
      if (sent < 0) {
        if (delivered > 0) {
          break; // the next attempt says why
        }
        throw new IOException("sendmsg " + ByteText.of(path).quoted() + ": " + Errno.nameOf(-sent));
      }
      delivered++;
    }
    return delivered;
  }

  private int send(String message) {
    if (socket < 0) {
      socket = connect();
      if (socket < 0) {
        return socket;
      }
    }
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    var copy = NativeBytes.allocate(bytes.length);
    copy.put(0, bytes, 0, bytes.length);
    int sent = UnixSocket.sendNow(socket, copy, bytes.length);
    if (sent < 0 && sent != -Errno.EAGAIN.number() && sent != -Errno.EMSGSIZE.number()) {
      close();
    }
    return sent;
  }

  /// -errno on error, EMFILE too: descriptors may be free again later.
  private int connect() {
    try {
      return UnixSocket.connectForDatagrams(path);
    } catch (SyscallException e) {
      return -e.errno();
    }
  }

  @Override
  public final void close() {
    if (socket >= 0) {
      Files.close(socket);
      socket = -1;
    }
  }
}
