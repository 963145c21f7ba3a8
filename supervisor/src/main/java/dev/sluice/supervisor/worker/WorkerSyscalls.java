package dev.sluice.supervisor.worker;

import static dev.sluice.supervisor.worker.Batch.value;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Syscalls;
import dev.sluice.supervisor.target.TaskFiles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;

/// Calls made by a worker for one call of a target. Those that do not come back end with the call
/// ([Call#cancel]).
final class WorkerSyscalls implements Syscalls {
  private static final int SIZEOF_OPEN_HOW = 24;
  private static final int CLONE_NEWNS = 0x00020000;
  private static final int CLONE_NEWUSER = 0x10000000;
  private static final int CLONE_NEWIPC = 0x08000000;
  private static final int CLONE_NEWPID = 0x20000000;
  private static final int MS_REC = 16384;
  private static final int MS_PRIVATE = 1 << 18;
  private static final int OPEN_TREE_CLONE = 1;

  /// A descriptor number for an object on its way through /proc/self/fd, where its number must be
  /// known beforehand.
  private static final int PLACE = 100;

  private static final int PROC = Files.open("/proc", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);

  private final WorkerPool pool;
  private final Call call;

  /// The workers that took part, by pid.
  private final Set<Integer> makers = new HashSet<>();

  WorkerSyscalls(WorkerPool pool, Call call) {
    this.pool = pool;
    this.call = call;
  }

  private <T> T with(Function<WorkerProcess, T> work) {
    return with(work, false);
  }

  /// @param onSignal whether a signal may end the work, which then is done again
  private <T> T with(Function<WorkerProcess, T> work, boolean onSignal) {
    return pool.as(
        call.task(),
        worker -> {
          makers.add(worker.pid());
          call.onCancel(worker::kill, onSignal);
          try {
            return work.apply(worker);
          } finally {
            call.offCancel();
          }
        });
  }

  private int fd(Batch batch) {
    return with(worker -> worker.run(batch).fd());
  }

  /// Of what may wait for somebody else, as the open of a FIFO does.
  private int interruptibleFd(Batch batch) {
    return with(worker -> worker.run(batch).fd(), true);
  }

  private int result(Batch batch) {
    return with(worker -> worker.run(batch).last());
  }

  private static Batch.Argument directory(Batch batch, int dirfd) {
    return dirfd == OpenFlags.AT_FDCWD ? value(OpenFlags.AT_FDCWD) : batch.fd(dirfd);
  }

  /// The worker's working directory is its root, where it was left by chroot(2) or by its start.
  @Override
  public int pin(int dirfd, NativeBytes path, int flags, long resolve) {
    var batch = new Batch();
    var how = ByteBuffer.allocate(SIZEOF_OPEN_HOW).order(ByteOrder.nativeOrder());
    how.putLong(flags).putLong(0).putLong(resolve);
    batch.send(
        "openat2",
        directory(batch, dirfd),
        batch.string(path),
        batch.bytes(how.array()),
        value(SIZEOF_OPEN_HOW));
    return interruptibleFd(batch);
  }

  @Override
  public int create(int directory, NativeBytes name, int flags, int mode, int umask) {
    var batch = new Batch();
    batch.call("umask", value(umask));
    batch.send("openat", batch.fd(directory), batch.string(name), value(flags), value(mode));
    return fd(batch);
  }

  @Override
  public int reopen(int pinned, int flags) {
    var batch = new Batch();
    batch.open("dup3", batch.fd(pinned), value(PLACE), value(OpenFlags.O_CLOEXEC));
    batch.send("openat", batch.fd(PROC), batch.string("self/fd/" + PLACE), value(flags), value(0));
    return interruptibleFd(batch);
  }

  @Override
  public int link(int pinned, int directory, NativeBytes name) {
    var batch = new Batch();
    batch.open("dup3", batch.fd(pinned), value(PLACE), value(OpenFlags.O_CLOEXEC));
    batch.call(
        "linkat",
        batch.fd(PROC),
        batch.string("self/fd/" + PLACE),
        batch.fd(directory),
        batch.string(name),
        value(OpenFlags.AT_SYMLINK_FOLLOW));
    return result(batch);
  }

  @Override
  public int rename(
      int directory, NativeBytes name, int newDirectory, NativeBytes newName, int flags) {
    var batch = new Batch();
    batch.call(
        "renameat2",
        batch.fd(directory),
        batch.string(name),
        batch.fd(newDirectory),
        batch.string(newName),
        value(flags));
    return result(batch);
  }

  @Override
  public int mount(
      int sourceObject, byte[] source, int target, byte[] fstype, int flags, byte[] data) {
    var batch = new Batch();
    batch.open("dup3", batch.fd(target), value(PLACE), value(OpenFlags.O_CLOEXEC));
    if (sourceObject >= 0) {
      batch.open("dup3", batch.fd(sourceObject), value(PLACE + 1), value(OpenFlags.O_CLOEXEC));
    }
    batch.call("fchdir", batch.fd(PROC));
    var from = sourceObject >= 0 ? batch.string("self/fd/" + (PLACE + 1)) : pointer(batch, source);
    if (isOfNamespace(fstype)) {
      return mountOfNamespace(batch, from, fstype, flags, data);
    }
    addMount(batch, from, fstype, flags, data);
    return result(batch);
  }

  /// What such a file system shows is the pid or ipc namespace of whoever mounts it.
  private static boolean isOfNamespace(byte[] fstype) {
    String name = new String(fstype, StandardCharsets.ISO_8859_1);
    return name.equals("proc") || name.equals("mqueue");
  }

  /// A process enters a pid namespace only with its children (setns(2)).
  private int mountOfNamespace(
      Batch batch, Batch.Argument source, byte[] fstype, int flags, byte[] data) {
    try (var files = call.task().openFiles()) {
      // these fail where they are ours, and then the mount fails as it should
      batch.inChild().attempt("setns", batch.fd(files.ipcNamespace()), value(CLONE_NEWIPC));
      addMount(batch, source, fstype, flags, data);
      var enter = new Batch();
      enter.attempt("setns", enter.fd(files.pidNamespace()), value(CLONE_NEWPID));
      return with(worker -> {
        worker.run(enter);
        return worker.run(batch).last();
      });
    }
  }

  private static void addMount(
      Batch batch, Batch.Argument source, byte[] fstype, int flags, byte[] data) {
    batch.call(
        "mount",
        source,
        batch.string("self/fd/" + PLACE),
        pointer(batch, fstype),
        value(flags),
        pointer(batch, data));
  }

  private static Batch.Argument pointer(Batch batch, byte[] string) {
    return string.length == 0 ? value(0) : batch.bytes(Arrays.copyOf(string, string.length + 1));
  }

  /// A copy of a mount that is made into a namespace of a less privileged user namespace has its
  /// flags locked (mount_namespaces(7)); so the mount passes through such a one on its way.
  @Override
  public int attachLocked(int mount, int directory, TaskFiles files) {
    var batch = new Batch().inChild();
    batch.call("unshare", value(CLONE_NEWNS));
    batch.call(
        "mount", value(0), batch.string("/"), value(0), value(MS_REC | MS_PRIVATE), value(0));
    var empty = batch.string("");
    var place = batch.string(pool.directory());
    batch.call(
        "move_mount",
        batch.fd(mount),
        empty,
        value(OpenFlags.AT_FDCWD),
        place,
        value(Mounts.MOVE_MOUNT_F_EMPTY_PATH));
    batch.call("setns", batch.fd(files.userNamespace()), value(CLONE_NEWUSER));
    batch.call("unshare", value(CLONE_NEWNS));
    var copy =
        batch.open(
            "open_tree",
            value(OpenFlags.AT_FDCWD),
            place,
            value(OPEN_TREE_CLONE | OpenFlags.O_CLOEXEC));
    batch.call("setns", batch.fd(files.mountNamespace()), value(CLONE_NEWNS));
    batch.call(
        "move_mount",
        copy,
        empty,
        batch.fd(directory),
        empty,
        value(Mounts.MOVE_MOUNT_F_EMPTY_PATH | Mounts.MOVE_MOUNT_T_EMPTY_PATH));
    return pool.asOurselves(worker -> worker.run(batch).last());
  }

  @Override
  public boolean isMadeBy(int pid) {
    return makers.contains(pid);
  }

  @Override
  public boolean isInline() {
    return false;
  }
}
