package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Callers in more groups than a page has room for, where proc(5) lists them.
@NeedsRoot
final class GroupsTest {
  /// The groups of the container are 100000 and up: what is left of such a number, if it is cut, is
  /// a group of the host. How long the name is moves the cut.
  private static final String MANY =
      """
      import ctypes, os, sys
      name, libc = b"123456789012345", ctypes.CDLL(None)
      closed = os.path.join("/tmp", "closed")
      os.close(os.open(closed, os.O_CREAT, 0))
      os.chown(closed, 7, 7)
      for length in range(5, 13):
          libc.prctl(15, name[:length])
          os.setgroups(range(600))
          for file in sorted(os.listdir(sys.argv[1])):
              try:
                  os.close(os.open(os.path.join(sys.argv[1], file), os.O_RDONLY))
                  print("opened as", file)
              except PermissionError:
                  pass
          os.close(os.open(closed, os.O_RDONLY))
          print(open("/proc/self/comm", "rb").read() == name[:length] + b"\\n")
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void nobodyIsInAGroupOfWhichItHasTheFirstDigits() {
    String script =
        """
        for i in 1 10 100 1000 $(seq 10000 10059); do echo > files/$i; chown 0:$i files/$i; done
        chmod 040 files/*
        """;
    sandbox.directory("files");
    sandbox.shell(script).run().mustSucceed();
    Run natively = container(MANY).run().mustSucceed();
    Run mediated = container(MANY).under(lookAtOpens()).run().mustSucceed();

    assertThat(natively.lines()).hasSize(8).containsOnly("True");
    assertThat(mediated.lines()).isEqualTo(natively.lines());
    assertThat(mediated.recordCount()).as("they were performed").isGreaterThan(8 * 60);
  }

  /// A known difference, where natively it succeeds.
  @Test
  void whoIsInMoreThanIsReadIsRefused() {
    String script =
        """
        import os
        for count in 8000, 10000, 65536:
            os.setgroups(range(count))
            try:
                os.close(os.open("/tmp", os.O_RDONLY))
                print(count, "opened")
            except OSError as e:
                print(count, e.strerror)
        """;
    Run mediated = container(script).under(lookAtOpens()).run().mustSucceed();

    assertThat(mediated.lines())
        .containsExactly(
            "8000 opened", "10000 Operation not permitted", "65536 Operation not permitted");
  }

  private Command container(String program) {
    var words = new ArrayList<>(List.of(Project.program("container")));
    words.addAll(List.of("-b", sandbox.directory("files").toString()));
    words.add(sandbox.directory("container").toString());
    words.addAll(List.of("python3", "-c", program, sandbox.path("files").toString()));
    return sandbox.command(words);
  }

  private Path lookAtOpens() {
    return sandbox.policy(
        "- { on: ['@open', '@stat'], when: path.under('/no'), deny: EACCES }",
        "- { on: mount, when: fstype == 'no' || target.under('/no'), deny: EACCES }",
        "- { on: [umount2, open_tree, move_mount, pivot_root], allow: }");
  }
}
