package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.tests.harness.Cgroup;
import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What shows the namespaces and the credentials of whoever opens or mounts it: those of the
/// caller, not those of the supervisor.
@NeedsRoot
final class NamespacesTest {
  /// What it makes, or sets, is its own; of the machine's it sees nothing.
  private static final String OBJECTS =
      """
      tail -n +2 /proc/sysvipc/shm | wc -l
      ipcmk -M 4096 >/dev/null; ipcs -m | grep -c 4096
      (echo 1234 >/proc/sys/kernel/shmmni) 2>/dev/null; cat /proc/sys/kernel/shmmni
      (echo 12 >/proc/sys/fs/mqueue/msg_max) 2>/dev/null; cat /proc/sys/fs/mqueue/msg_max
      hostname contained; cat /proc/sys/kernel/hostname
      mount -t mqueue none /mnt && python3 -c '
      import ctypes, os
      queues = ctypes.CDLL(None, use_errno=True)
      print(queues.mq_open(b"/one", os.O_CREAT | os.O_RDWR, 0o600, None) >= 0, os.listdir("/mnt"))'
      """;

  private static final String GROUPS =
      """
      mount -t cgroup2 none /mnt && awk '$5 == "/mnt" { print $4 }' /proc/self/mountinfo
      grep ^0: /proc/self/cgroup
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void objectsAndParametersOfIpcAreTheContainers() {
    String id = sandbox.shell("ipcmk -M 8192 | grep -o '[0-9]*$'").run().mustSucceed().out();
    try {
      Run natively = sandbox.container("sh", "-c", OBJECTS).run().mustSucceed();
      Run mediated = under(sandbox.container("sh", "-c", OBJECTS)).run().mustSucceed();

      assertThat(natively.lines()).startsWith("0", "1").endsWith("contained", "True ['one']");
      assertThat(mediated.lines()).isEqualTo(natively.lines());
    } finally {
      sandbox.shell("ipcrm -m " + id).run().mustSucceed();
    }
  }

  /// Without a user namespace the supervisor has all else in common with it.
  @Test
  void soItIsForWhoHasOnlyOneNamespaceOfItsOwn() {
    String script = "echo 1234 >/proc/sys/kernel/shmmni; " + OBJECTS.replace("/mnt", "place");
    sandbox.directory("place");
    List<String> unshare = List.of("unshare", "--ipc", "--uts", "--mount", "sh", "-c", script);
    Run natively = sandbox.command(unshare).run().mustSucceed();
    Run mediated = under(sandbox.command(unshare)).run().mustSucceed();

    assertThat(natively.lines()).startsWith("0", "1", "1234", "12", "contained");
    assertThat(mediated.lines()).isEqualTo(natively.lines());
    assertThat(sandbox.shell("cat /proc/sys/kernel/shmmni").run().lines())
        .as("the machine's own")
        .isNotEqualTo(List.of("1234"));
  }

  @Test
  void aHierarchyOfCgroupsBeginsWithTheContainersGroup() throws IOException {
    try (var group = Cgroup.make()) {
      Command container = group.enteredBy(sandbox, sandbox.container("sh", "-c", GROUPS));
      Run natively = container.run().mustSucceed();
      Run mediated =
          under(group.enteredBy(sandbox, sandbox.container("sh", "-c", GROUPS)))
              .run()
              .mustSucceed();

      assertThat(natively.lines()).containsExactly("/", "0::/");
      assertThat(mediated.lines()).isEqualTo(natively.lines());
    }
  }

  /// A cgroup namespace is the limit of what is delegated (`nsdelegate`): nobody in it may change
  /// how much it gets.
  @Test
  void whatIsNotDelegatedIsNotChangedFromWithin() throws IOException {
    String script = "echo 5 >$0/cgroup.max.depth || echo refused; cat $0/cgroup.max.depth";
    try (var group = Cgroup.make()) {
      List<String> words = List.of("unshare", "--cgroup", "sh", "-c", script, group.toString());
      group.delegateNamespaces(() -> {
        Run natively = group.enteredBy(sandbox, sandbox.command(words)).run();
        Run mediated = under(group.enteredBy(sandbox, sandbox.command(words))).run();

        assertThat(natively.lines()).containsExactly("refused", "max");
        assertThat(mediated.lines()).isEqualTo(natively.lines());
      });
    }
  }

  /// A time namespace counts for whoever reads.
  @Test
  void theTimeIsThatOfTheReader() {
    String script = "cut -d. -f1 /proc/uptime; cat /proc/self/timens_offsets";
    List<String> words =
        List.of("unshare", "--time", "--boottime", "1000000000", "--fork", "sh", "-c", script);
    Run natively = sandbox.command(words).run();
    assumeThat(natively.status()).as("time namespaces: " + natively.err()).isZero();
    Run mediated = under(sandbox.command(words)).run().mustSucceed();

    assertThat(Long.parseLong(mediated.lines().getFirst())).isGreaterThan(1_000_000_000L);
    assertThat(mediated.lines().subList(1, 3)).isEqualTo(natively.lines().subList(1, 3));
  }

  /// capabilities(7): what root loses by them when it executes a program, it has lost here too.
  @Test
  void securebitsCount() throws IOException {
    Path secret = sandbox.file("secret", "content");
    sandbox.shell("chown 1000:1000 secret && chmod 0 secret").run().mustSucceed();
    for (String bits : List.of("+noroot,+noroot_locked", "+no_setuid_fixup", "-noroot")) {
      List<String> words = List.of("setpriv", "--securebits", bits, "cat", secret.toString());
      Run natively = sandbox.command(words).run();
      Run mediated = under(sandbox.command(words)).run();

      assertThat(natively.status()).as(bits).isEqualTo(bits.startsWith("+noroot") ? 1 : 0);
      assertThat(mediated.status()).as(bits).isEqualTo(natively.status());
      assertThat(mediated.out() + mediated.err()).isEqualTo(natively.out() + natively.err());
    }
  }

  /// Known differences, as a worker that were in it would be seen by the container.
  @Test
  void thePidNamespaceIsNotEntered() {
    String script =
        """
        import ctypes, os
        ctypes.CDLL(None).shmget(0, 4096, 0o1600)
        creator = open("/proc/sysvipc/shm").read().splitlines()[1].split()[4]
        print("creator", creator == str(os.getpid()))
        try:
            open("/proc/sys/kernel/pid_max", "w").close()
            print("pid_max True")
        except OSError:
            print("pid_max False")
        """;
    Run natively = sandbox.container("python3", "-c", script).run().mustSucceed();
    Run mediated = under(sandbox.container("python3", "-c", script)).run().mustSucceed();

    assertThat(natively.lines()).first().isEqualTo("creator True");
    assertThat(mediated.lines()).containsExactly("creator False", "pid_max False");
  }

  private Command under(Command command) {
    var rules = new ArrayList<String>();
    rules.add("- { on: ['@open', '@stat'], when: path.under('/no'), deny: EACCES }");
    rules.add("- { on: mount, when: fstype == 'no' || target.under('/no'), deny: EACCES }");
    rules.add("- { on: [umount2, open_tree, move_mount, pivot_root], allow: }");
    return command.under(sandbox.policy(rules.toArray(String[]::new)));
  }
}
