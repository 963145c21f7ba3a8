package dev.sluice.supervisor.container;

import dev.sluice.supervisor.kernel.Bpf;
import dev.sluice.supervisor.kernel.Descriptors;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Poll;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Task;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// The device programs that containers have descriptors of.
///
/// With the descriptor of a program, the kernel lets everybody attach it to every cgroup whose
/// directory can be opened, the machine's root among them. So a container gets one that stands for
/// it: the end of a pipe that nobody writes to. When the last copy of that is closed, the program
/// is let go.
final class DevicePrograms {
  static final DevicePrograms ALL = new DevicePrograms();

  private static final int MAX_OF_CONTAINER = 64;

  /// Those that are attached count too.
  private static final int MAX_LOADED = 512;

  private static final Executor LATER = CompletableFuture.delayedExecutor(1, TimeUnit.MINUTES);

  /// @param container the user namespace it is of
  /// @param writer our end of the pipe
  private record Held(long container, int program, int writer, long pipe) {
    /// Nobody else has the other end any more (POLLERR).
    boolean isForgotten() {
      return Poll.awaitInput(writer, 0) > 0;
    }

    void close() {
      Files.close(program);
      Files.close(writer);
    }
  }

  private final List<Held> programs = new ArrayList<>();

  private DevicePrograms() {}

  /// Takes over a program. Returns what stands for it; ours to close. Throws [Abort] and closes the
  /// program if there cannot be more: with ENFILE if the container has too many.
  synchronized int add(Call call, int program) {
    dropForgotten();
    long container = call.task().identity().userNamespace();
    if (programs.stream().filter(held -> held.container == container).count() >= MAX_OF_CONTAINER) {
      Files.close(program);
      throw Abort.errno(Errno.ENFILE);
    }
    var ends = NativeBytes.allocate(2 * Integer.BYTES);
    int piped = Files.pipe(ends);
    if (piped < 0) {
      Files.close(program);
      throw Abort.errno(-piped);
    }
    if (programs.isEmpty()) {
      LATER.execute(this::dropNowAndThen);
    }
    programs.add(new Held(container, program, ends.getInt(4), inode(ends.getInt(4))));
    return ends.getInt(0);
  }

  /// A descriptor of the program that descriptor `fd` of the caller stands for; ours to close.
  /// Throws [Abort] with EBADF if it has no such descriptor, and with EINVAL if it is none of the
  /// container's programs.
  int open(Call call, int fd) {
    int copy = call.task().copyDescriptor(fd);
    if (copy < 0) {
      throw Abort.errno(Errno.EBADF);
    }
    try {
      return copyOf(call.task().identity().userNamespace(), inode(copy));
    } finally {
      Files.close(copy);
    }
  }

  private synchronized int copyOf(long container, long pipe) {
    dropForgotten();
    for (Held held : programs) {
      if (held.container == container && held.pipe == pipe) {
        return Abort.check(Files.duplicate(held.program));
      }
    }
    throw Abort.errno(Errno.EINVAL);
  }

  private void dropForgotten() {
    programs.removeIf(held -> {
      boolean forgotten = held.isForgotten();
      if (forgotten) {
        held.close();
      }
      return forgotten;
    });
  }

  private synchronized void dropNowAndThen() {
    dropForgotten();
    if (!programs.isEmpty()) {
      LATER.execute(this::dropNowAndThen);
    }
  }

  /// Of a pipe; 0 if it is something else, which nobody is asked about that may not answer.
  private static long inode(int fd) {
    int access = Files.statusFlags(fd);
    boolean isPipe = access >= 0 && (access & OpenFlags.O_PATH) == 0 && isPipe(fd);
    var stat = new Stat();
    return isPipe && Files.fstat(fd, stat) == 0 ? stat.ino() : 0;
  }

  private static boolean isPipe(int fd) {
    int length = Descriptors.readLink(fd);
    NativeBytes link = Descriptors.link();
    byte[] start = new byte[Math.max(0, Math.min(length, 6))];
    link.get(0, start, 0, start.length);
    return new String(start, StandardCharsets.US_ASCII).equals("pipe:[");
  }

  /// Throws [Abort] with ENOMEM if the container has as many programs as it may: attached ones, and
  /// those that were loaded under another supervisor, among them.
  static void checkThereMayBeMore(Task task) {
    int count = 0;
    for (int id = Bpf.nextProgram(0); id > 0; id = Bpf.nextProgram(id)) {
      int program = Bpf.program(id);
      try {
        count += program >= 0 && isOf(task, program) ? 1 : 0;
      } finally {
        Files.close(program);
      }
    }
    if (count >= MAX_LOADED) {
      throw Abort.errno(Errno.ENOMEM);
    }
  }

  /// Whether a program was loaded for the container that a task is in: by one of its users. None of
  /// them may load programs without us.
  static boolean isOf(Task task, int program) {
    var info = NativeBytes.allocate(Bpf.SIZEOF_INFO);
    int loader =
        Bpf.info(program, info) < 0 || info.getInt(Bpf.INFO_TYPE) != Bpf.PROG_TYPE_CGROUP_DEVICE
            ? 0
            : info.getInt(Bpf.INFO_CREATED_BY_UID);
    return loader != 0 && task.hasUser(loader);
  }
}
