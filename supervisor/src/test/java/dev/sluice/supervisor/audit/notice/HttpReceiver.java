package dev.sluice.supervisor.audit.notice;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Answers one request a connection, with one status after the other, and then 200; every one leads
/// to `/elsewhere`. Of a status below 0 there is no more than the head of the answer.
final class HttpReceiver implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  final BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
  final BlockingQueue<String> heads = new LinkedBlockingQueue<>();
  private final Queue<Integer> statuses;
  volatile String answer = "";
  private final List<Socket> stalled = new CopyOnWriteArrayList<>();

  HttpReceiver(Integer... statuses) throws IOException {
    this.statuses = new ArrayDeque<>(List.of(statuses));
    Thread.ofVirtual().start(this::serve);
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        var connection = server.accept();
        var in = new DataInputStream(connection.getInputStream());
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
          head.append((char) in.readByte());
        }
        String length = head.toString().replaceFirst("(?is)(.*content-length: (\\d+))?.*", "0$2");
        String body = new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.UTF_8);
        Integer status = statuses.poll();
        boolean whole = status == null || status >= 0;
        String line = "HTTP/1.1 " + (status == null ? 200 : Math.abs(status)) + " x\r\n";
        // before the answer, which the client need not take
        heads.add(head.toString());
        bodies.add(body);
        connection
            .getOutputStream()
            .write(
                (line
                        + "Location: /elsewhere?key=secret\r\n"
                        + ("Content-Length: " + (whole ? answer.length() : 1))
                        + "\r\nConnection: close\r\n\r\n"
                        + answer)
                    .getBytes(StandardCharsets.US_ASCII));
        if (whole) {
          connection.close();
        } else {
          stalled.add(connection);
        }
      } catch (IOException e) {
        // the client gave up, or the test is over
      }
    }
  }

  URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.getLocalPort() + path);
  }

  String next() throws InterruptedException {
    String body = bodies.poll(60, TimeUnit.SECONDS);
    if (body == null) {
      throw new AssertionError("nothing was posted");
    }
    return body;
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket each : stalled) {
      each.close();
    }
  }
}
