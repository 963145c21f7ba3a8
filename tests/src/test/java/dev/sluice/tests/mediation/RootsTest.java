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
      def read():
          try:
              return os.read(os.open("/file", os.O_RDONLY), 100).decode()
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

  /// LINK leads to another directory here, and is one itself in the other root.
  private static final String LINKED =
      """
      import sys
      link = sys.argv[1]
      def read():
          try:
              return os.read(os.open(link + "/file", os.O_RDONLY), 100).decode()
          except OSError as e:
              return e.strerror
      os.makedirs("place" + link)
      with open("place" + link + "/file", "w") as file:
          file.write("of the other root")
      print(read())
      inside(read)
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
    sandbox.file("program.py", PROGRAM + LINKED);

    Run run =
        sandbox
            .command("python3", "-B", "program.py", link.toString())
            .under(sandbox.secret(link))
            .run();

    assertThat(run.mustSucceed().lines())
        .containsExactly("Permission denied", "Permission denied");
  }

  private Run run(String program) {
    sandbox.file("program.py", PROGRAM + program);
    List<String> words = List.of("unshare", "--mount", "python3", "-B", "program.py");
    return sandbox
        .command(words)
        .under(
            sandbox.policy(
                "- { on: '@open', when: path.under('/no'), deny: EACCES }",
                "- { on: '@modify', when: path.under('/no'), deny: EACCES }",
                "- { on: umount2, when: target.under('/no'), deny: EACCES }",
                "- { on: [mount, open_tree, move_mount, pivot_root], allow: }"))
        .run()
        .mustSucceed();
  }
}
