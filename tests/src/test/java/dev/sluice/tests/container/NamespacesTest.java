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

  /// proc(5) can be mounted anew for the same pid namespace, as a volume of a container may be.
  @Test
  void selfIsTheCallerInEveryProcThatShowsIt() {
    String script =
        """
        mount -t proc none place
        exec unshare --pid --fork --mount-proc=other sh -c '
          cat place/self/comm place/thread-self/comm other/self/comm
          dd if=place/self/mem of=/dev/null count=0 2>&1 | head -1
          readlink place/self | grep -c -v -x "$(readlink other/self)"'
        """;
    sandbox.directory("place");
    sandbox.directory("other");
    List<String> elsewhere = List.of("unshare", "--mount", "sh", "-c", script);
    Run natively = sandbox.command(elsewhere).run().mustSucceed();
    Run mediated = under(sandbox.command(elsewhere)).run().mustSucceed();

    assertThat(natively.lines()).startsWith("cat", "cat", "cat").endsWith("1");
    assertThat(mediated.lines()).isEqualTo(natively.lines());
  }

  /// The same where the supervisor opens it itself, as it and the caller have all else in common.
  @Test
  void itIsNotTheSupervisorThere() {
    String script =
        """
        cat place/self/comm
        python3 -c 'open("place/self/mem", "r+b", 0).write(b"")'
        readlink place/self/exe | xargs basename
        """;
    sandbox.directory("place");
    List<String> words = List.of("unshare", "--pid", "--fork", "sh", "-c", script);
    sandbox.shell("mount -t proc none place").run().mustSucceed();
    try {
      Run mediated = under(sandbox.command(words)).run().mustSucceed();

      assertThat(mediated.lines()).containsExactly("cat", "readlink");
    } finally {
      // the supervisor has closed all of its files in a moment
      sandbox.shell("umount --lazy place").run().mustSucceed();
    }
  }

  /// Every process may look at itself; a worker that is asked to open its own memory does not.
  /// Where it is the only one, nobody else opens what says that it is one: it is known by its
  /// parent.
  @Test
  void aWorkerThatIsSeenDoesNotOpenItself() {
    String script =
        """
        import os, subprocess, sys
        def status(pid, name):
            with open(f"/proc/{pid}/status") as lines:
                return next(line.split()[1] for line in lines if line.startswith(name + ":"))
        def supervisor():
            pid, command = os.getpid(), None
            while status(pid, "Name") != "java":
                pid, command = status(pid, "PPid"), pid
            return pid, command
        def workers(supervisor, command):
            for task in os.listdir(f"/proc/{supervisor}/task"):
                try:
                    with open(f"/proc/{supervisor}/task/{task}/children") as children:
                        yield from (pid for pid in children.read().split() if pid != command)
                except OSError:
                    pass  # it has ended
        def opens(pid):
            place = os.path.join("/mnt", pid)
            os.mkdir(place)
            mount = ["mount", "--rbind", f"/proc/{pid}", place]
            if subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
                return False  # it has ended
            try:
                for _ in range(10):
                    os.close(os.open(f"{place}/mem", os.O_RDWR))
                return True
            except (PermissionError, FileNotFoundError, ProcessLookupError):
                return False
        found = []
        while not found:  # before it has rested for long enough to end
            os.system("mount -t tmpfs none /mnt")
            found = list(workers(*supervisor()))
        child = subprocess.Popen(["sleep", "100"])
        print(opens(str(child.pid)), len(found) > 0, any([opens(pid) for pid in found]))
        child.kill()
        """;
    var words = new ArrayList<>(sandbox.container("python3", "-c", script).words());
    words.add(1, "-p");
    Run mediated = under(sandbox.command(words)).run().mustSucceed();

    assertThat(mediated.lines()).containsExactly("True True False");
  }

  /// The pid namespace whose proc is mounted has ended then, and nobody is born in it any more.
  @Test
  void aMountComesAfterAPidNamespaceThatHasEnded() {
    String script =
        """
        mkdir /tmp/lower /tmp/upper /tmp/work
        for i in 1 2 3; do
          unshare --pid --fork sh -c 'mount -t proc none /mnt && cat /mnt/1/comm && umount /mnt'
          mount -t overlay -o lowerdir=/tmp/lower:/usr none /mnt && umount /mnt && echo mounted
        done
        """;
    Run mediated = under(sandbox.container("sh", "-c", script)).run().mustSucceed();

    assertThat(mediated.lines()).containsExactly("sh", "mounted", "sh", "mounted", "sh", "mounted");
  }

  private Command under(Command command) {
    var rules = new ArrayList<String>();
    rules.add("- { on: ['@open', '@stat'], when: path.under('/no'), deny: EACCES }");
    rules.add("- { on: mount, when: fstype == 'no' || target.under('/no'), deny: EACCES }");
    rules.add("- { on: [umount2, open_tree, move_mount, pivot_root], allow: }");
    return command.under(sandbox.policy(rules.toArray(String[]::new)));
  }
}
