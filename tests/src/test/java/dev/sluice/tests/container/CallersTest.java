package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsI386;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Calls with memory and lengths that are none (C21, C23), and of other ABIs (C70): root of a
/// container learns of them what the machine's root does; and of whoever may make them (C10, C11).
/// The cases are in `src/test/c/hostile.c`, `narrow.c` and `shapes.c`.
@NeedsRoot
final class CallersTest {
  private static final List<String> CALLERS =
      List.of(
          "C10 the first thread",
          "C10 another thread",
          "C10 a thread with a directory of its own",
          "C10 a thread with descriptors of its own",
          "C10 a thread whose first has ended",
          "C10 a process that shares descriptors and directory",
          "C11 after chroot",
          "C11 in a mount namespace",
          "C11 after pivot_root",
          "C11 in a pid namespace");

  private static final List<String> CALLS =
      """
      : mknod done
      : mknodat done
      : setxattr done
      : listxattr done
      : removexattr done
      : fsetxattr done
      : fremovexattr done
      : sched_setscheduler done
      : sysinfo done
      : mount done
      : umount2 done
      : fsopen done
      : fsmount done
      : move_mount done
      """
          .lines()
          .toList();

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void memoryThatEndsTooEarlyAndWrongLengthsAreFoundAsByTheKernel() throws IOException {
    isTheSameAsForTheMachinesRoot("hostile");
  }

  @Test
  @NeedsI386
  void callsOfI386AreEmulatedToo() throws IOException {
    isTheSameAsForTheMachinesRoot("narrow");
  }

  @Test
  void everyCallIsMadeForWhoeverMayMakeIt() throws IOException {
    Run run = sandbox.container(Project.program("shapes")).under(policy()).run().mustSucceed();

    assertThat(run.lines())
        .containsExactlyElementsOf(
            CALLERS.stream().flatMap(who -> CALLS.stream().map(who::concat)).toList());
    assertThat(run.records())
        .extracting(record -> record.texts("syscall", "class"))
        .contains("mknodat EMULATED", "mount EMULATED", "sysinfo REGISTERS", "fsopen EMULATED");
  }

  private void isTheSameAsForTheMachinesRoot(String program) throws IOException {
    String path = Project.program(program);
    // a tmpfs too, as the container's /tmp is
    String natively = "mount -t tmpfs none \"$0\" && cd \"$0\" && exec \"$1\"";
    String place = sandbox.directory("place").toString();
    Run expected = sandbox.command("unshare", "--mount", "sh", "-c", natively, place, path).run();
    Run run = sandbox.container("sh", "-c", "cd /tmp && exec " + path).under(policy()).run();

    assertThat(expected.mustSucceed().lines()).hasSizeGreaterThan(30);
    assertThat(run.mustSucceed().out()).isEqualTo(expected.out());
  }

  private Path policy() throws IOException {
    String rules = Files.readString(Project.policy("unprivileged-container"));
    String more =
        """
          - { name: sysinfo, on: sysinfo, emulate: sysinfo }
          - name: real-time
            on: [sched_setscheduler, sched_setparam]
            emulate: { handler: scheduler, priority: 10 }
          - { name: mounts, on: [mount, umount, umount2], when: target.under("/nowhere"), deny: EACCES }
          - { name: contexts, on: [fsopen], when: fstype == "none", deny: EACCES }
          - { on: [open_tree, mount_setattr, pivot_root], allow: }
        """;
    return sandbox.file("both.yaml", rules + more + "architectures: [x86_64, i386]\n");
  }
}
