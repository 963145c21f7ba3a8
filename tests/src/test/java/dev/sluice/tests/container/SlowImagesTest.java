package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// An image on a disk that takes its time: here one that is frozen (fsfreeze(8)).
@NeedsRoot
final class SlowImagesTest {
  private static final String DISK =
      """
      truncate -s 64M disk && mkfs.ext4 -q disk && mkdir slow && mount -o loop disk slow &&
      truncate -s 16M slow/image && mkfs.ext4 -q -F slow/image && chmod 666 slow/image
      """;

  /// The one that is written to is the oldest when there are 16 more.
  private static final String PROGRAM =
      """
      import ctypes, os, sys
      libc = ctypes.CDLL(None, use_errno=True)
      def call(number, *arguments):
          words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
          result = libc.syscall(ctypes.c_long(number), *words)
          if result < 0:
              raise OSError(ctypes.get_errno(), "syscall %d" % number)
          return result
      def fsopen():
          return call(430, b"ext4", 1)
      context = fsopen()
      call(431, context, 1, b"source", b"/proc/self/fd/9", 0)
      call(431, context, 6, None, None, 0)
      root = call(432, context, 1, 0)
      file = os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=root)
      os.write(file, b"x" * 4000000)
      for fd in file, root, context, 9:
          os.close(fd)
      print("written", flush=True)
      sys.stdin.readline()
      if os.fork() == 0:
          for i in range(15):
              fsopen()
          print("all but one", flush=True)
          fsopen()
          print("ended", flush=True)
          os._exit(0)
      sys.stdin.readline()
      fsopen()
      print("another", flush=True)
      os.wait()
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  /// What a context was the last to hold is written back when it ends.
  @Test
  void nobodyElseWaitsForTheEndOfAContext() throws InterruptedException {
    Run made = sandbox.shell(DISK).run();
    assumeThat(made.status()).as("%s", made).isZero();
    String start = "exec 9<>slow/image && exec \"$@\"";
    var words = new ArrayList<>(List.of("sh", "-c", start, "sh"));
    words.addAll(sandbox.container("python3", "-c", PROGRAM).words());
    try (Running running = sandbox.command(words).under(policy()).start().awaitOutput("written")) {
      try {
        sandbox.shell("fsfreeze -f slow").run().mustSucceed();
        running.type("\n");
        running.awaitOutput("all but one");
        running.await("the last call", () -> callsFsopen(running));
        Thread.sleep(2000); // until the first ends, which nobody sees
        running.type("\n");
        running.awaitOutput("another");
        assertThat(running.out()).doesNotContain("ended");
      } finally {
        sandbox.shell("fsfreeze -u slow").run();
      }
      running.awaitOutput("ended");
      running.finish();
    } finally {
      sandbox.shell("umount --lazy slow").run();
    }
  }

  /// Whether one of its processes is in that call: see proc(5).
  private static boolean callsFsopen(Running running) {
    return ProcessHandle.of(running.pid()).stream()
        .flatMap(ProcessHandle::descendants)
        .map(process -> Path.of("/proc", "" + process.pid(), "syscall"))
        .anyMatch(SlowImagesTest::isFsopen);
  }

  private static boolean isFsopen(Path call) {
    try {
      return Files.readString(call).startsWith("430 ");
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  private Path policy() {
    return sandbox.policy(
        "- { on: fsopen, when: fstype == 'ext4', emulate: { handler: mount, images: writable } }",
        "- { on: [fsconfig, fsmount, move_mount], emulate: mount }");
  }
}
