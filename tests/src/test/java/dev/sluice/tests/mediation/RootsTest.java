package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Root directories whose paths read the same: each caller is served from its own.
@NeedsRoot
final class RootsTest {
  /// `inside` has a child do something with `place` as its root.
  private static final String PROGRAM =
      """
      import ctypes, os
      libc = ctypes.CDLL(None, use_errno=True)
      def mount(source, target, fstype, flags):
          if libc.mount(source, target, fstype, flags, None) < 0:
              raise OSError(ctypes.get_errno(), "mount")
      def make(content):
          with open("place/file", "w") as file:
              file.write(content)
      def read(path="/file"):
          try:
              return os.read(os.open(path, os.O_RDONLY), 100).decode()
          except OSError as e:
              return e.strerror
      def inside(work):
          child = os.fork()
          if child == 0:
              os.chroot("place")
              print(work(), flush=True)
              os._exit(0)
          os.waitpid(child, 0)
      os.mkdir("place")
      """;

  private static final String REPLACED =
      """
      make("first")
      inside(read)
      os.rename("place", "before")
      os.mkdir("place")
      make("second")
      inside(read)
      mount(b"none", b"place", b"tmpfs", 0)
      make("third")
      inside(read)
      """;

  /// As switch_root(8) does.
  private static final String MOVED =
      """
      MS_MOVE = 8192
      mount(b"none", b"place", b"tmpfs", 0)
      make("of the new root")
      print(read())
      os.chdir("place")
      mount(b".", b"/", None, MS_MOVE)
      os.chroot(".")
      print(read())
      """;

  private static final String UNMOUNTED =
      """
      mount(b"none", b"place", b"tmpfs", 0)
      make("of the mount")
      inside(read)
      os.mkdir("place/below")
      print(libc.umount2(b"place", 0), os.listdir("place"))
      """;

  /// What is a link here is a directory in the new root.
  private static final String LINKED =
      """
      MS_MOVE = 8192
      def read(file):
          try:
              return os.read(os.open(file, os.O_RDONLY), 100).decode()
          except OSError as e:
              return e.strerror
      link = os.getcwd() + "/link"
      mount(b"none", b"place", b"tmpfs", 0)
      os.makedirs("place" + link)
      make("of the new root")
      os.link("place/file", "place" + link + "/file")
      print(read(link + "/file"))
      os.chdir("place")
      mount(b".", b"/", None, MS_MOVE)
      os.chroot(".")
      print(read("/file"))
      print(read(link + "/file"))
      """;

  /// Two threads that share their root, which one of them changes and the other sees.
  private static final String SHARED =
      """
      import queue, threading
      asked, read_by_other = queue.Queue(), queue.Queue()
      def answer():
          wanted = True
          while wanted:
              if asked.empty():
                  read() # also while a root is being changed
              elif wanted := asked.get():
                  read_by_other.put(read())
      other = threading.Thread(target=answer)
      other.start()
      os.mkdir("place/below")
      make("of the place")
      with open("place/below/file", "w") as file:
          file.write("of what is below")
      top, place = os.open("/", os.O_PATH), os.open("place", os.O_PATH)
      seen = {}
      def look(expected):
          for _ in range(2):
              asked.put(True)
              both = read(), read_by_other.get()
              seen[expected, *both] = seen.get((expected, *both), 0) + 1
      for _ in range(200):
          os.fchdir(place)
          os.chroot(".")
          look("of the place")
          os.chroot("below")
          look("of what is below")
          os.fchdir(top)
          os.chroot(".")
          look("No such file or directory")
      asked.put(False)
      other.join()
      for line in seen.items():
          print(line)
      """;

  /// A thread whose root another changes all the time, mostly to one that nobody has had for long.
  private static final String FLEETING =
      """
      import itertools, threading
      tops = []
      for i in range(100):
          os.mkdir(f"place/{i}")
          with open(f"place/{i}/file", "w") as file:
              file.write("here")
          tops.append(os.open(f"place/{i}", os.O_PATH))
      seen = {}
      def look():
          for _ in range(300):
              answer = read()
              seen[answer] = seen.get(answer, 0) + 1
      os.chroot("place/0")
      other = threading.Thread(target=look)
      other.start()
      for top in itertools.cycle(tops):
          if not other.is_alive():
              break
          os.fchdir(top)
          os.chroot(".")
      print(seen)
      """;

  /// Whoever serves the root before is given the new one, too; by the kernel.
  private static final String PIVOTED =
      """
      MS_REC, MS_PRIVATE = 16384, 1 << 18
      PIVOT_ROOT = 155 if os.uname().machine == "x86_64" else 41
      mount(None, b"/", None, MS_REC | MS_PRIVATE)
      before = os.open("/", os.O_PATH)
      mount(b"none", b"place", b"tmpfs", 0)
      make("of the new root")
      print(read())
      os.chdir("place")
      if libc.syscall(PIVOT_ROOT, b".", b".") < 0:
          raise OSError(ctypes.get_errno(), "pivot_root")
      print(read())
      os.fchdir(before)
      os.chroot(".")
      print(read())
      """;

  /// A thread enters a mount namespace, and with it changes the root of another.
  private static final String ENTERED =
      """
      import queue, signal, threading
      CLONE_NEWNS, CLONE_NEWUTS = 0x20000, 0x4000000
      began, begin = os.pipe()
      file = os.path.abspath("place/file")
      child = os.fork()
      if child == 0:
          libc.unshare(CLONE_NEWNS | CLONE_NEWUTS)
          mount(b"none", b"place", b"tmpfs", 0)
          make("of the namespace")
          os.write(begin, b"x")
          signal.pause()
      os.close(begin)
      if not os.read(began, 1):
          raise SystemExit("the child ended")
      asked, answers = queue.Queue(), queue.Queue()
      def answer():
          while asked.get():
              answers.put(read(file))
      def ask():
          asked.put(True)
          print(answers.get())
      other = threading.Thread(target=answer, daemon=True)
      other.start()
      ask()
      if libc.setns(os.pidfd_open(child), CLONE_NEWNS | CLONE_NEWUTS) < 0:
          raise OSError(ctypes.get_errno(), "setns")
      ask()
      asked.put(False)
      other.join()
      os.kill(child, 9)
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void aDirectoryThatTookThePlaceOfAnotherIsNotThatOne() {
    assertThat(run(REPLACED).lines()).containsExactly("first", "second", "third");
  }

  @Test
  void whatWasMountedOverTheRootIsNotTheRootBefore() {
    assertThat(run(MOVED).lines()).containsExactly("No such file or directory", "of the new root");
  }

  @Test
  void whoSharesARootIsServedFromTheNewOne() {
    assertThat(run(SHARED).lines())
        .containsExactly(
            "(('of the place', 'of the place', 'of the place'), 400)",
            "(('of what is below', 'of what is below', 'of what is below'), 400)",
            "(('No such file or directory', 'No such file or directory',"
                + " 'No such file or directory'), 400)");
  }

  /// From one before the change or from one after it.
  @Test
  void whoeverLosesItsRootInACallIsServed() {
    assertThat(run(FLEETING).lines()).containsExactly("{'here': 300}");
  }

  @Test
  void theRootBeforePivotRootIsStillThatOne() {
    assertThat(run(PIVOTED).lines())
        .containsExactly(
            "No such file or directory", "of the new root", "No such file or directory");
  }

  @Test
  void aNamespaceThatAnotherThreadEntersIsSeen() {
    assertThat(run(ENTERED).lines())
        .containsExactly("No such file or directory", "of the namespace");
  }

  /// Nobody of ours is left in it.
  @Test
  void whatWasARootIsUnmounted() {
    assertThat(run(UNMOUNTED).lines()).containsExactly("of the mount", "0 []");
  }

  /// As on a machine whose /bin is a link to /usr/bin, in a container where it is none.
  @Test
  void whatThePolicyNamesIsMeantInEveryRoot() throws IOException {
    sandbox.file("real/file", "of this root");
    Path link = Files.createSymbolicLink(sandbox.path("link"), sandbox.path("real"));
    String secret = "- { on: '@open', when: path.under('%s'), deny: EACCES }".formatted(link);

    assertThat(run(LINKED, secret).lines())
        .containsExactly("Permission denied", "of the new root", "Permission denied");
  }

  /// Of whoever is in our mount namespace, the root is ours.
  @Test
  void whoeverIsInOurNamespaceCannotMoveOurRoot() {
    String pivot =
        "print(libc.pivot_root(b'missing', b'missing'), os.strerror(ctypes.get_errno()))";
    sandbox.file("pivot.py", PROGRAM.replace("os.mkdir(\"place\")", pivot));
    Path policy =
        sandbox.policy(
            "- { on: '@open', when: path.under('/no'), deny: EACCES }",
            "- { name: pivot, on: pivot_root, allow: }");
    Run ours = sandbox.command("python3", "-B", "pivot.py").under(policy).run().mustSucceed();

    assertThat(ours.lines()).containsExactly("-1 Operation not permitted");
    assertThat(ours.records())
        .filteredOn(entry -> entry.text("syscall").equals("pivot_root"))
        .singleElement()
        .matches(entry -> entry.texts("action", "rule").equals("deny guard"));
    assertThat(run(pivot).lines()).containsExactly("-1 No such file or directory");
  }

  private Run run(String program) {
    return run(program, "- { on: '@open', when: path.under('/no'), deny: EACCES }");
  }

  private Run run(String program, String rule) {
    sandbox.file("program.py", PROGRAM + program);
    List<String> words = List.of("unshare", "--mount", "python3", "-B", "program.py");
    return sandbox
        .command(words)
        .under(
            sandbox.policy(
                rule,
                "- { on: '@modify', when: path.under('/no'), deny: EACCES }",
                "- { on: umount2, when: target.under('/no'), deny: EACCES }",
                "- { on: [mount, open_tree, move_mount, pivot_root, setns], allow: }"))
        .run()
        .mustSucceed();
  }
}
