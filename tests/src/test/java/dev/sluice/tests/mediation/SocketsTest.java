package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Connects, binds and sends, natively and performed by the supervisor: the same results, errors,
/// signals and descriptors. The cases are in `src/test/python/sockets.py`.
final class SocketsTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void socketsAreTheSameForTheUserWhoSupervises() {
    compare(command -> command);
  }

  @Test
  @NeedsRoot
  void socketsAreTheSameForAnotherUser() {
    compare(command -> command.as(User.ORDINARY));
  }

  @Test
  @NeedsRoot
  void socketsAreTheSameIfAnOrdinaryUserSupervises() {
    compare(command -> command.supervisedAs(User.ORDINARY));
  }

  /// A worker gets what is passed on, and the socket, in one message of its own.
  @Test
  @NeedsRoot
  void soManyDescriptorsAndControlMessagesGoThroughAWorker() {
    String script =
        """
        import array, errno, os, socket
        server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        server.bind("server")
        client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        def send(data, *control):
            try:
                client.sendmsg([data], control, 0, "server")
            except OSError as e:
                return errno.errorcode[e.errno]
            _, got, _, _ = server.recvmsg(1 << 17, 4096, socket.MSG_CMSG_CLOEXEC)
            numbers = [array.array("i", part[2]) for part in got if part[1] == socket.SCM_RIGHTS]
            for fd in sum(numbers, array.array("i")):
                os.close(fd)
            return sum(map(len, numbers))
        def rights(count):
            return socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * count)
        print(*[send(b"x", rights(count)) for count in (1, 12, 13, 14, 15)])
        print(send(b"x" * 60000, (socket.SOL_TCP, 0, b"x" * 20000)), send(b"x", rights(1)))
        """;
    Run mediated =
        sandbox
            .command("/usr/bin/python3", "-c", script)
            .as(User.ORDINARY)
            .under(lookAtEveryAddress())
            .run()
            .mustSucceed();

    assertThat(mediated.lines()).containsExactly("1 12 13 ETOOMANYREFS ETOOMANYREFS", "ENOBUFS 1");
    assertThat(mediated.err()).as("no worker has ended").doesNotContain("sluice-worker");
  }

  private void compare(UnaryOperator<Command> who) {
    List<String> natively = who.apply(sockets("native")).run().mustSucceed().lines();
    Run mediated = who.apply(sockets("mediated")).under(lookAtEveryAddress()).run();

    assertThat(natively).hasSizeGreaterThan(120);
    assertThat(mediated.mustSucceed().lines()).containsExactlyElementsOf(natively);
    assertThat(mediated.records()).hasSizeGreaterThan(100);
    assertThat(mediated.records())
        .filteredOn(record -> record.text("outcome").equals("observed"))
        .as("but for a sendmmsg of no messages, which has no address")
        .allMatch(record -> record.text("syscall").equals("sendmmsg"));
  }

  private Command sockets(String directory) {
    return sandbox
        .command("/usr/bin/python3", Project.ROOT.resolve("tests/src/test/python/sockets.py") + "")
        .in(sandbox.directory(directory));
  }

  private Path lookAtEveryAddress() {
    return sandbox.policy(
        """
        - name: nothing
          on: ["@connect", bind]
          when: address.path.glob("/nowhere/**")
          deny: EACCES
        """);
  }

  @Test
  void whatIsDeniedIsNotReachedByAnyCallOrSpellingAndTheRestIs() {
    Path policy =
        sandbox.policy(
            """
            - name: only-local
              on: "@connect"
              when: '!(address.in("127.0.0.0/8", "::1") || address.family in ["unix", "unspec"])'
              deny: ENETUNREACH
            """);
    Run run =
        sandbox
            .command(
                "/usr/bin/python3",
                "-c",
                """
                import errno, socket
                def attempt(action):
                    try:
                        return action()
                    except OSError as e:
                        return errno.errorcode[e.errno]
                server = socket.create_server(("127.0.0.1", 0))
                port = server.getsockname()[1]
                for ip in ["127.0.0.1", "0.0.0.0", "192.0.2.1"]:
                    print(ip, attempt(lambda: socket.socket().connect((ip, port))))
                for ip in ["::ffff:127.0.0.1", "::ffff:192.0.2.1", "2001:db8::1"]:
                    print(ip, attempt(lambda: socket.socket(socket.AF_INET6).connect((ip, port))))
                client = socket.create_connection(("127.0.0.1", port))
                print(client.send(b"a"), client.sendmsg([b"b"]))
                datagrams = socket.socket(type=socket.SOCK_DGRAM)
                print(attempt(lambda: datagrams.sendto(b"x", ("192.0.2.1", 9))))
                print(attempt(lambda: datagrams.sendmsg([b"x"], [], 0, ("192.0.2.1", 9))))
                fast = socket.socket()
                print(attempt(lambda: fast.sendto(b"x", socket.MSG_FASTOPEN, ("192.0.2.1", 9))))
                """)
            .under(policy)
            .run();

    assertThat(run.mustSucceed().lines())
        .containsExactly(
            "127.0.0.1 None",
            "0.0.0.0 None",
            "192.0.2.1 ENETUNREACH",
            "::ffff:127.0.0.1 None",
            "::ffff:192.0.2.1 ENETUNREACH",
            "2001:db8::1 ENETUNREACH",
            "1 1",
            "ENETUNREACH",
            "ENETUNREACH",
            "ENETUNREACH");
    assertThat(run.recordsOf("only-local")).hasSize(6);
  }

  @Test
  void aSocketIsDeniedByWhereItsPathLeads() {
    Path policy =
        sandbox.policy(
            """
            - name: secret
              on: ["@connect", bind]
              when: address.path.under("%s") || address.path == "@sluice-test-denied"
              deny: EACCES
            """
                .formatted(sandbox.directory("secret")));
    Run run =
        sandbox
            .command(
                "/usr/bin/python3",
                "-c",
                """
                import errno, os, socket
                def attempt(action):
                    try:
                        return action()
                    except OSError as e:
                        return errno.errorcode[e.errno]
                os.symlink("secret", "link")
                os.mkdir("open")
                for path in ["secret/s", "link/s", "open/../secret/s", "\\0sluice-test-denied", "open/s"]:
                    name = path.strip("\\0")
                    print(name, attempt(lambda: socket.socket(socket.AF_UNIX).bind(path)))
                    print(name, attempt(lambda: socket.socket(socket.AF_UNIX).connect(path)))
                """)
            .under(policy)
            .run();

    assertThat(run.mustSucceed().lines())
        .containsExactly(
            "secret/s EACCES",
            "secret/s EACCES",
            "link/s EACCES",
            "link/s EACCES",
            "open/../secret/s EACCES",
            "open/../secret/s EACCES",
            "sluice-test-denied EACCES",
            "sluice-test-denied EACCES",
            "open/s None",
            "open/s ECONNREFUSED");
  }
}
