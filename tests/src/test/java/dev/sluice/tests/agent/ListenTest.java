package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The control API on a TCP port, as curl(1) sees it.
final class ListenTest {
  private static final String TOKEN = "0123456789abcdef";
  private static final String READING = "abcdef0123456789";
  private static final String MAKE_KEY =
      "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj"
          + " /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null";

  /// Each is tried by one test alone: they run side by side.
  private static final AtomicInteger PORTS =
      new AtomicInteger(20_000 + (int) (ProcessHandle.current().pid() % 10_000));

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private static void assumeOpenssl() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
  }

  /// Another one for each run of these tests, and none that the kernel gives to whoever asks for
  /// any: nobody takes it before the agent does.
  private static int freePort() {
    return IntStream.generate(PORTS::getAndIncrement)
        .limit(100)
        .filter(ListenTest::isFree)
        .findFirst()
        .orElseThrow();
  }

  private static boolean isFree(int port) {
    try (var _ = new ServerSocket(port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static Socket connect(int port) {
    try {
      return new Socket(InetAddress.getLoopbackAddress(), port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String path(String name) {
    return sandbox.path(name).toString();
  }

  @Test
  void whoHasTheTokenMayAskOverTls() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "curl is not installed");
    assumeOpenssl();
    sandbox.shell("umask 077; " + MAKE_KEY + "; echo " + TOKEN + " > token").run().mustSucceed();
    int port = freePort();
    try (Agent agent =
        Agent.start(
            sandbox,
            "--policy",
            sandbox.policy("- {on: getppid, return: 1}").toString(),
            "--listen",
            "localhost:" + port,
            "--certificate",
            path("cert.pem"),
            "--key",
            path("key.pem"),
            "--token",
            path("token"))) {
      assertThat(curl(port, "/v1/status", TOKEN)).contains("\"listeners\":0").endsWith("200");
      assertThat(curl(port, "/v1/status", TOKEN + "0")).endsWith("403");
      assertThat(curl(port, "/metrics", "")).endsWith("403");
      assertThat(curl(port, "/metrics", "bearer  " + TOKEN, "")).endsWith("200");
      assertThat(curl(port, "/metrics", "Basic " + TOKEN, "")).endsWith("403");
      assertThat(curl(port, "/healthz", "")).isEqualTo("ok\n200");
      assertThat(curl(port, "/readyz", "")).isEqualTo("ready\n200");
      // whoever takes all connections there are takes none of the socket's
      List<Socket> all = IntStream.range(0, 80).mapToObj(_ -> connect(port)).toList();
      assertThat(agent.command("status").run().mustSucceed().out()).contains("listeners: 0\n");
      all.forEach(ListenTest::close);
      Run plain = sandbox.shell("curl -sS http://localhost:" + port + "/healthz").run();
      assertThat(plain.status()).isNotZero();
    }
  }

  /// Such as Prometheus, which must not be able to kill what it counts.
  @Test
  void whoHasTheTokenForReadingChangesNothing() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "curl is not installed");
    assumeOpenssl();
    sandbox
        .shell("umask 077; " + MAKE_KEY + "; echo " + TOKEN + " >token; echo " + READING + " >read")
        .run()
        .mustSucceed();
    int port = freePort();
    String policy = sandbox.policy("- {on: getppid, return: 1}").toString();
    var options = List.of("--policy", policy, "--listen", "localhost:" + port);
    var files = List.of("--certificate", path("cert.pem"), "--key", path("key.pem"));
    var tokens = List.of("--token", path("token"), "--read-token", path("read"));
    String[] all = Stream.of(options, files, tokens).flatMap(List::stream).toArray(String[]::new);
    try (Agent agent = Agent.start(sandbox, all)) {
      agent.container("one", "", "", "getppid");
      assertThat(curl(port, "/metrics", READING)).contains("sluice_containers 1.0").endsWith("200");
      for (String order :
          List.of(
              "POST /v1/reload",
              "POST /v1/drain",
              "POST /v1/containers/one/kill",
              "POST /v1/containers/one/quarantine",
              "DELETE /v1/containers/one/quarantine")) {
        assertThat(curl(port, order, READING))
            .isEqualTo("{\"error\":\"this token is for looking (GET), and changes nothing\"}\n403");
        assertThat(curl(port, order, READING + "0")).endsWith("is needed\"}\n403");
      }
      assertThat(agent.command("status").run().out())
          .contains("epoch: 1\n", "containers: 1\n", "draining: false\n");
      assertThat(curl(port, "POST /v1/reload", TOKEN)).contains("\"epoch\":2").endsWith("200");
    }
    sandbox.shell("cp token read").run().mustSucceed();
    String[] again =
        Stream.concat(Stream.of("agent", "--socket", path("s")), Stream.of(all))
            .toArray(String[]::new);
    assertThat(sandbox.sluice(again).run().err())
        .isEqualTo(
            "sluice: --listen: \"%s\" and \"%s\" have the same token\n"
                .formatted(path("token"), path("read")));
    sandbox.shell("rm read").run().mustSucceed();
    assertThat(sandbox.sluice(again).run().err())
        .isEqualTo(
            "sluice: --listen: \"%s\" cannot be read: No such file or directory\n"
                .formatted(path("read")));
  }

  private String curl(int port, String request, String token) {
    return curl(port, request, "Bearer ", token);
  }

  /// @param request a path, perhaps after a method
  private String curl(int port, String request, String scheme, String token) {
    String method = request.startsWith("/") ? "GET" : request.split(" ", -1)[0];
    String path = request.substring(request.indexOf('/'));
    return sandbox
        .command(
            "curl",
            "-sS",
            "-X",
            method,
            "--cacert",
            "cert.pem",
            "-H",
            "Authorization: " + scheme + token,
            "-w",
            "%{http_code}",
            "https://localhost:" + port + path)
        .run()
        .mustSucceed()
        .out();
  }

  @Test
  void aTokenThatAnybodyCanReadIsRefused() {
    assumeOpenssl();
    sandbox.shell(MAKE_KEY + "; echo " + TOKEN + " > token; chmod 644 token").run().mustSucceed();

    assertRefused(1, "--listen: \"" + path("token") + "\" can be read by everybody");
  }

  @ParameterizedTest
  @ValueSource(strings = {TOKEN + "é", TOKEN + "\n" + READING, "\u00a0" + TOKEN})
  void aTokenThatNoHeaderCanHaveIsRefused(String token) {
    assumeOpenssl();
    sandbox.shell("umask 077; : >token; " + MAKE_KEY).run().mustSucceed();
    sandbox.file("token", token);

    assertRefused(
        1,
        "--listen: \""
            + path("token")
            + "\" is not one line of printable ASCII: no client can send it");
  }

  @Test
  void aPortThatIsTakenIsSaid() throws IOException {
    assumeOpenssl();
    sandbox.shell("umask 077; " + MAKE_KEY + "; echo " + TOKEN + " > token").run().mustSucceed();
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertRefused(
          port, "the control API cannot be served: bind \"127.0.0.1:" + port + "\": EADDRINUSE");
    }
  }

  private void assertRefused(int port, String error) {
    Run run =
        sandbox
            .sluice(
                "agent",
                "--policy",
                sandbox.policy("- {on: getppid, return: 1}").toString(),
                "--socket",
                path("s"),
                "--listen",
                "127.0.0.1:" + port,
                "--certificate",
                path("cert.pem"),
                "--key",
                path("key.pem"),
                "--token",
                path("token"))
            .run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("sluice: " + error + "\n");
  }
}
