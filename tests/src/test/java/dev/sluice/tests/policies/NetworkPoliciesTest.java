package dev.sluice.tests.policies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The policies in `policies/` about the network do what their first lines say.
final class NetworkPoliciesTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Run sockets(String policy, String... attempts) {
    var script =
        new StringBuilder(
            """
            import errno, socket
            def attempt(action):
                try:
                    action()
                    return "done"
                except OSError as e:
                    return errno.errorcode[e.errno]
            server = socket.socket(socket.AF_UNIX)
            server.bind("server")
            server.listen()
            """);
    for (String attempt : attempts) {
      script.append("print(attempt(lambda: ").append(attempt).append("))\n");
    }
    return sandbox
        .command("/usr/bin/python3", "-c", script.toString())
        .under(Project.policy(policy))
        .run();
  }

  @Test
  void noNetworkLeavesUnixSockets() {
    Run run =
        sockets(
            "no-network",
            "socket.socket(socket.AF_UNIX).connect('server')",
            "socket.socketpair()",
            "socket.socket(socket.AF_INET)",
            "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
            "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
            "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
            "socket.socket(socket.AF_VSOCK)");

    assertThat(run.mustSucceed().lines())
        .containsExactly(
            "done",
            "done",
            "EAFNOSUPPORT",
            "EAFNOSUPPORT",
            "EAFNOSUPPORT",
            "EAFNOSUPPORT",
            "EAFNOSUPPORT");
    assertThat(run.recordCount()).as("the kernel decides").isZero();
  }

  @Test
  void localNetworkOnlyReachesThisMachineAndNothingBeyond() {
    Run run =
        sockets(
            "local-network-only",
            "socket.socket(socket.AF_UNIX).connect('server')",
            "socket.create_connection(('127.0.0.1', 1))",
            "socket.create_connection(('8.8.8.8', 53))",
            "socket.create_connection(('169.254.169.254', 80))",
            "socket.socket(socket.AF_INET6).connect(('::ffff:8.8.8.8', 53))",
            "socket.socket(socket.AF_INET6).connect(('fd00:ec2::254', 80))",
            "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('8.8.8.8', 53))",
            "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
            "socket.socket(type=socket.SOCK_RAW, proto=socket.IPPROTO_RAW)",
            "socket.socket(socket.AF_VSOCK)");

    assertThat(run.mustSucceed().lines())
        .containsExactly(
            "done",
            "ECONNREFUSED",
            "ENETUNREACH",
            "ENETUNREACH",
            "ENETUNREACH",
            "ENETUNREACH",
            "ENETUNREACH",
            "done",
            "EPERM",
            "EAFNOSUPPORT");
    assertThat(run.recordsOf("no-credentials-from-the-cloud")).hasSize(1);
    assertThat(run.recordsOf("local-networks-only"))
        .hasSize(4)
        .allMatch(record -> record.texts("outcome", "class").equals("refused EMULATED"));
  }

  /// netlink(7): a process that a message names is one of the sender's pid namespace. Else who has
  /// network and pid namespaces of its own could reach the machine's network.
  @Test
  @NeedsRoot
  void netlinkDoesNotReachAProcessOutsideThePidNamespace() {
    String script =
        """
        import errno, os, socket, struct, sys
        NEWNSID, REQUEST, ACK, PID, FD, NSID = 88, 1, 4, 2, 3, 1
        route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        def name(kind, number, nsid):
            body = struct.pack("=B3x", 0) + struct.pack("=HHI", 8, kind, number)
            body += struct.pack("=HHi", 8, NSID, nsid)
            head = struct.pack("=IHHII", 16 + len(body), NEWNSID, REQUEST | ACK, 1, 0)
            route.sendto(head + body, (0, 0))
            error = -struct.unpack("=i", route.recv(4096)[16:20])[0]
            return errno.errorcode.get(error, "done")
        print(name(PID, int(sys.argv[1]), 5), name(PID, os.getpid(), 6))
        print({name(FD, number, 7) for number in range(50, 200)})
        print(len(socket.getaddrinfo("127.0.0.1", 80)) > 0, len(socket.if_nameindex()))
        """;
    String container = "exec unshare --pid --net --fork python3 \"$0\" $$";
    List<String> words =
        List.of("sh", "-c", container, sandbox.file("names.py", script).toString());
    Run natively = sandbox.command(words).run().mustSucceed();
    Run mediated =
        sandbox.command(words).under(Project.policy("local-network-only")).run().mustSucceed();

    assertThat(natively.lines()).containsExactly("ESRCH done", "{'EBADF'}", "True 1");
    assertThat(mediated.lines()).isEqualTo(natively.lines());
  }
}
