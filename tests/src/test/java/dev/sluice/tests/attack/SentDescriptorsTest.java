package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Descriptors that are on their way through sockets: the kernel counts those of a user id, whose
/// workers send as well, whoever has sent them.
final class SentDescriptorsTest {
  /// As many as the limit on open ones lets it send, and some more.
  private static final String SENDS =
      """
      import array, errno, os, socket
      ends = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(20)]
      many = array.array("i", [0] * 250)
      try:
          for end, _ in ends:
              end.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, many)])
          print("never refused")
      except OSError as e:
          print(errno.errorcode[e.errno])
      for i in range(20):
          with open(f"made{i}", "w") as it:
              it.write("content")
          with open(f"made{i}") as it:
              assert it.read() == "content"
          with open("/proc/self/comm") as it:
              assert it.read().startswith("python")
      print("opened")
      """;

  /// Nobody else in these tests: its descriptors in flight count for all that the user has.
  private static final User SENDER = new User(4444, 4444, List.of());

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void makeProgram() {
    sandbox.file("sends.py", SENDS);
  }

  private Run sends(List<String> under) {
    var words = new ArrayList<>(List.of("sh", "-c", "ulimit -n 1024 && exec \"$@\"", "sh"));
    words.addAll(under);
    words.addAll(SENDER.prefix());
    words.addAll(List.of("/usr/bin/python3", "sends.py"));
    return sandbox.command(words).run();
  }

  @Test
  @NeedsRoot
  void workersOpenNevertheless() {
    var policy =
        sandbox.policy("- {on: '@open', when: 'path.glob(\"/nowhere/**\")', deny: EACCES}");
    String expected = "ETOOMANYREFS\nopened\n";

    assertThat(sends(List.of()).mustSucceed().out()).isEqualTo(expected);
    Run run = sends(List.of(Project.SCRIPT.toString(), "run", "--policy", policy.toString(), "--"));
    assertThat(run.mustSucceed().out()).isEqualTo(expected);
  }
}
