package dev.sluice.agent.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Asks an agent over its Unix socket, which the JDK's HTTP client cannot: one request a
/// connection, at whose end the answer ends.
public final class ControlClient {
  /// What the agent says.
  ///
  /// @param status of HTTP
  public record Reply(int status, String body) {
    public boolean isGood() {
      return status < 300;
    }
  }

  /// What is asked is done at once, or, as a reload, in seconds: no command waits longer by design.
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration OF_PROBES = Duration.ofSeconds(5);

  /// In bytes, of what is said with a request: the agent takes no more.
  static final int MAX_BODY = 1 << 16;

  private static final String HEAD_END = "\r\n\r\n";

  private static final Pattern LENGTH =
      Pattern.compile("\r\ncontent-length: *([0-9]{1,18}) *\r\n", Pattern.CASE_INSENSITIVE);

  private final Path socket;

  public ControlClient(Path socket) {
    this.socket = socket;
  }

  /// @throws IOException if no agent answers there
  public Reply get(String path) throws IOException {
    return ask("GET", path, "", PATIENCE);
  }

  /// The same for whoever only wants to know whether it does, and waits less long.
  ///
  /// @throws IOException if no agent answers there
  public Reply probe(String path) throws IOException {
    return ask("GET", path, "", OF_PROBES);
  }

  /// @throws IOException if no agent answers there
  public Reply post(String path, String body) throws IOException {
    return ask("POST", path, body, PATIENCE);
  }

  /// @throws IOException if no agent answers there
  public Reply delete(String path) throws IOException {
    return ask("DELETE", path, "", PATIENCE);
  }

  /// A part of a path.
  public static String encode(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// What is posted to have a call explained.
  public static String question(String call, List<String> arguments, List<String> task) {
    return Question.write(call, arguments, task);
  }

  private Reply ask(String method, String path, String body, Duration patience) throws IOException {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    if (content.length > MAX_BODY) { // of which the agent might not take enough to say so
      return new Reply(413, "{\"error\":\"a question has 64 KiB or less\"}\n");
    }
    String head =
        method
            + " "
            + path
            + " HTTP/1.1\r\nHost: sluice\r\nConnection: close\r\nContent-Length: "
            + content.length
            + "\r\n\r\n";
    var request = new ByteArrayOutputStream();
    request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    request.writeBytes(content);
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      Thread clock = closeAfter(patience, channel);
      try {
        return parse(exchange(channel, request.toByteArray()));
      } catch (ClosedChannelException late) {
        throw new IOException("nothing came within " + patience.toSeconds() + " s", late);
      } finally {
        clock.interrupt();
      }
    }
  }

  /// The kernel takes connections and requests for an agent that hangs, or is stopped, too.
  private static Thread closeAfter(Duration patience, SocketChannel channel) {
    return Thread.ofPlatform()
        .name("sluice-deadline")
        .daemon(true)
        .start(() -> {
          try {
            Thread.sleep(patience);
            channel.close(); // which ends what is waited for
          } catch (InterruptedException | IOException over) {
            // it has answered, or is closed as well as it can be
          }
        });
  }

  private byte[] exchange(SocketChannel channel, byte[] request) throws IOException {
    channel.connect(UnixDomainSocketAddress.of(socket));
    var out = ByteBuffer.wrap(request);
    while (out.hasRemaining()) {
      channel.write(out);
    }
    return readAll(channel);
  }

  private static byte[] readAll(SocketChannel channel) throws IOException {
    var all = new ByteArrayOutputStream();
    var piece = ByteBuffer.allocate(1 << 16);
    while (channel.read(piece) >= 0) {
      all.write(piece.array(), 0, piece.position());
      piece.clear();
    }
    return all.toByteArray();
  }

  private static Reply parse(byte[] answer) throws IOException {
    String text = new String(answer, StandardCharsets.ISO_8859_1); // a character is a byte
    int end = text.indexOf(HEAD_END);
    if (end < 0 || !text.matches("(?s)HTTP/1\\.1 [0-9]{3} .*")) {
      throw new IOException("what listens there does not speak HTTP");
    }
    int begin = end + HEAD_END.length();
    Matcher length = LENGTH.matcher(text).region(0, begin);
    if (length.find() && answer.length - begin < Long.parseLong(length.group(1))) {
      throw new IOException("the answer was cut off");
    }
    String body = new String(answer, begin, answer.length - begin, StandardCharsets.UTF_8);
    return new Reply(Integer.parseInt(text.substring(9, 12)), body);
  }
}
