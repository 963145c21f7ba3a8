package dev.sluice.supervisor.worker;

import static dev.sluice.supervisor.worker.Batch.value;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Credentials;
import dev.sluice.supervisor.target.Identity;
import dev.sluice.supervisor.target.RootDirectory;
import dev.sluice.supervisor.target.Task;
import dev.sluice.supervisor.target.TaskFiles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// How a worker takes on the identity of a task, for good.
///
/// Ids are changed while it is still in our user namespace, where they have the numbers we know;
/// capabilities are kept over that (capabilities(7), SECBIT_NO_SETUID_FIXUP) and cut down last.
final class Assumption {
  private static final int PR_SET_SECUREBITS = 28;
  private static final int NO_SETUID_FIXUP_AND_KEEP_CAPS = 1 << 2 | 1 << 4;
  private static final int CAPABILITY_VERSION_3 = 0x20080522;

  private final WorkerProcess worker;
  private final Identity own;
  private final TaskFiles files;
  private Identity theirs;

  private Assumption(WorkerProcess worker, Identity own, Identity identity, TaskFiles files) {
    this.worker = worker;
    this.own = own;
    this.theirs = identity;
    this.files = files;
  }

  /// Returns who the worker is now: `identity`, but in the root directory that the caller has now.
  /// Throws [SyscallException] if the worker could not become the caller, [Abort#GONE] if that no
  /// longer waits.
  ///
  /// @param identity of the caller, in `call`
  static Identity assume(WorkerProcess worker, Call call, Identity identity) {
    Task task = call.task();
    try (var files = task.openFiles()) {
      call.validate(); // or they may be those of a program that has taken the caller's number
      var assumption = new Assumption(worker, task.ownIdentity(), identity, files);
      assumption.run();
      worker.entered(assumption.theirs.root());
      return assumption.theirs;
    }
  }

  private void run() {
    if (theirs.equals(own)) {
      return;
    }
    boolean joined = joinNamespaces();
    takeIds();
    joinUserNamespace();
    if (!joined && !joinNamespaces()) {
      throw new SyscallException("setns", "ns/mnt", Errno.EPERM.number());
    }
    changeRoot();
    cutCapabilities();
  }

  /// Those beside the user namespace. Some can be joined only from our user namespace, some only
  /// from theirs.
  private boolean joinNamespaces() {
    var batch = new Batch();
    join(batch, theirs.mountNamespace(), own.mountNamespace(), files.mountNamespace());
    join(batch, theirs.networkNamespace(), own.networkNamespace(), files.networkNamespace());
    join(batch, theirs.ipcNamespace(), own.ipcNamespace(), files.ipcNamespace());
    join(batch, theirs.cgroupNamespace(), own.cgroupNamespace(), files.cgroupNamespace());
    join(batch, theirs.pidNamespace(), own.pidNamespace(), files.pidNamespace());
    return batch.size() == 0 || worker.run(batch).last() == 0;
  }

  private static void join(Batch batch, long wanted, long present, int namespace) {
    if (wanted != present) {
      batch.call("setns", batch.fd(namespace), value(0));
    }
  }

  private void takeIds() {
    Credentials mine = own.credentials();
    Credentials wanted = theirs.credentials();
    if (wanted.uids().equals(mine.uids())
        && wanted.gids().equals(mine.gids())
        && wanted.groups().equals(mine.groups())) {
      return;
    }
    var groups = ByteBuffer.allocate(4 * wanted.groups().size() + 4).order(ByteOrder.nativeOrder());
    var batch = new Batch();
    batch.call("prctl", value(PR_SET_SECUREBITS), value(NO_SETUID_FIXUP_AND_KEEP_CAPS));
    wanted.groups().forEach(groups::putInt);
    batch.call("setgroups", value(wanted.groups().size()), batch.bytes(groups.array()));
    batch.call("setresgid", ids(wanted.gids()));
    batch.call("setresuid", ids(wanted.uids()));
    // these two report the id before, and no error
    batch.attempt("setfsgid", value(wanted.gids().get(3)));
    batch.attempt("setfsuid", value(wanted.uids().get(3)));
    run(batch, "setresuid");
  }

  private static Batch.Argument[] ids(List<Integer> ids) {
    return new Batch.Argument[] {value(ids.get(0)), value(ids.get(1)), value(ids.get(2))};
  }

  private void joinUserNamespace() {
    if (theirs.userNamespace() != own.userNamespace()) {
      var batch = new Batch();
      batch.call("setns", batch.fd(files.userNamespace()), value(0));
      run(batch, "setns");
    }
  }

  /// Another thread may have changed it since the caller was looked at (CLONE_FS): then the call
  /// comes after that change.
  private void changeRoot() {
    theirs = theirs.in(RootDirectory.of(files.root()));
    if (!theirs.root().equals(own.root()) || theirs.mountNamespace() != own.mountNamespace()) {
      var batch = new Batch();
      batch.call("fchdir", batch.fd(files.root()));
      batch.call("chroot", batch.string("."));
      run(batch, "chroot");
    }
  }

  private void cutCapabilities() {
    long effective = theirs.credentials().effective();
    if (effective == own.credentials().effective()
        && theirs.userNamespace() == own.userNamespace()) {
      return;
    }
    var batch = new Batch();
    var header = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
    header.putInt(CAPABILITY_VERSION_3).putInt(0);
    var data = ByteBuffer.allocate(24).order(ByteOrder.nativeOrder());
    int low = (int) effective;
    int high = (int) (effective >>> 32);
    data.putInt(low).putInt(low).putInt(0).putInt(high).putInt(high).putInt(0);
    batch.call("capset", batch.bytes(header.array()), batch.bytes(data.array()));
    run(batch, "capset");
  }

  private void run(Batch batch, String what) {
    SyscallException.check(worker.run(batch).last(), what, "of a worker");
  }
}
