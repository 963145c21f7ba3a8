package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Sandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Sockets that linger, whose data nobody takes, and that their program closes while the supervisor
/// looks at them: the last close is the supervisor's, and waits.
final class LingeringSocketsTest {
  /// Of 200, 30 to 80 are the supervisor's to close.
  private static final String ATTACK =
      """
      import ctypes, os, random, socket, struct, threading, time
      libc = ctypes.CDLL(None)
      def small(new):
          new.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
          new.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
          return new
      listening = small(socket.socket())
      listening.bind(("127.0.0.1", 0))
      listening.listen()
      name = listening.getsockname()
      address = struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", name[1], b"\\x7f\\0\\0\\x01")
      taken = []
      def lingering():
          sending = small(socket.socket())
          sending.connect(name)
          taken.append(listening.accept()[0])
          sending.setblocking(False)
          try:
              while True:
                  sending.send(bytes(1 << 16))
          except BlockingIOError:
              pass
          sending.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 1000))
          return sending.detach()
      def start(call, *arguments):
          threading.Thread(target=call, args=arguments, daemon=True).start()
      for target in [lingering() for _ in range(200)]:
          start(libc.connect, target, address, len(address))
          end = time.perf_counter() + random.random() / 2000
          while time.perf_counter() < end:
              pass
          start(os.close, target) # it waits, should it be the last
      print("attacked", flush=True)
      time.sleep(1000)
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void fewThreadsWaitForThem() {
    sandbox.file("attack.py", ATTACK);
    sandbox.file("text", "a text\n");
    try (var shell = sandbox.command("sh").under(sandbox.lookAtEverything()).start()) {
      shell.type("python3 attack.py &\n");
      shell.awaitOutput("attacked");
      shell.await("one that waits", () -> shell.threadsNamed("sluice-close") > 0);
      assertThat(shell.threadsNamed("sluice-close")).isLessThanOrEqualTo(20);
      shell.type("cat text; kill -9 $!\n");
      shell.awaitOutput("a text");
    }
  }
}
