package dev.sluice.supervisor.worker;

import static dev.sluice.supervisor.worker.Batch.value;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.MountData;
import dev.sluice.supervisor.target.ServedImage;
import dev.sluice.supervisor.target.Syscalls;
import dev.sluice.supervisor.target.TaskFiles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/// The mounts among the calls that a worker makes ([Syscalls]): some in a child of it, that enters
/// other namespaces for good, or has entered a pid namespace, as only children do (setns(2)).
final class WorkerMounts {
  private static final int CLONE_NEWNS = 0x00020000;
  private static final int CLONE_NEWUSER = 0x10000000;
  private static final int MS_REC = 16384;
  private static final int MS_PRIVATE = 1 << 18;
  private static final int FSOPEN_CLOEXEC = 1;

  /// FSCONFIG_CMD_CREATE
  private static final int CREATE = 6;

  /// S_IFBLK, and permissions
  private static final int BLOCK_DEVICE = 0060600;

  /// OPEN_TREE_CLONE and OPEN_TREE_CLOEXEC (open_tree(2))
  private static final Batch.Argument COPY = value(1 | OpenFlags.O_CLOEXEC);

  /// A descriptor number, known beforehand, for one that a mount is told of.
  private static final int PASSED = WorkerSyscalls.PLACE + 2;

  private final WorkerPool pool;
  private final Call call;
  private final WorkerSyscalls syscalls;

  WorkerMounts(WorkerPool pool, Call call, WorkerSyscalls syscalls) {
    this.pool = pool;
    this.call = call;
    this.syscalls = syscalls;
  }

  int mount(
      int sourceObject, byte[] source, int target, byte[] fstype, long flags, MountData data) {
    byte[] options = data.bytes(PASSED);
    if (name(fstype).equals("overlay")) {
      OptionalInt result = mountOverlay(source, target, fstype, flags, options);
      if (result.isPresent()) {
        return result.getAsInt();
      }
    }
    var batch = Batch.changing(call);
    batch.open("dup3", batch.fd(target), value(WorkerSyscalls.PLACE), value(OpenFlags.O_CLOEXEC));
    if (sourceObject >= 0) {
      batch.open(
          "dup3",
          batch.fd(sourceObject),
          value(WorkerSyscalls.PLACE + 1),
          value(OpenFlags.O_CLOEXEC));
    }
    if (data.descriptor() >= 0) {
      batch.open("dup3", batch.fd(data.descriptor()), value(PASSED), value(OpenFlags.O_CLOEXEC));
    }
    batch.call("fchdir", batch.fd(WorkerSyscalls.PROC));
    var from =
        sourceObject >= 0
            ? batch.string("self/fd/" + (WorkerSyscalls.PLACE + 1))
            : pointer(batch, source);
    if (isOfPidNamespace(fstype)) {
      addMount(batch.inChild(), from, fstype, flags, options);
      return syscalls.withChildrenAmongCallers(worker -> worker.run(batch).last());
    }
    addMount(batch, from, fstype, flags, options);
    return syscalls.with(worker -> worker.run(batch).last());
  }

  /// What it shows is the pid namespace of whoever mounts it.
  private static boolean isOfPidNamespace(byte[] fstype) {
    return name(fstype).equals("proc");
  }

  private static String name(byte[] fstype) {
    return new String(fstype, StandardCharsets.ISO_8859_1);
  }

  /// The directories of an overlay may be relative to the caller's. So it is mounted on the root of
  /// a copy of the mount namespace, from where `..` leads to it. The child that has made the copy
  /// does not come back from there, as that would take CAP_SYS_CHROOT (setns(2)), which mount(2)
  /// does not ask for: its parent attaches the overlay. Empty if the root is no mount (chroot(2)):
  /// then paths are relative to nothing that the caller knows.
  private OptionalInt mountOverlay(
      byte[] source, int target, byte[] fstype, long flags, byte[] data) {
    var batch = new Batch().inChild();
    int before;
    WorkerProcess.Reply reply;
    try (var files = call.task().openFiles()) {
      batch.call("fchdir", batch.fd(files.workingDirectory()));
      batch.call("unshare", value(CLONE_NEWNS));
      addPrivate(batch);
      before = batch.size();
      batch.call(
          "mount",
          pointer(batch, source),
          batch.string("/"),
          pointer(batch, fstype),
          value(flags),
          pointer(batch, data));
      batch.send("open_tree", value(OpenFlags.AT_FDCWD), batch.string("/.."), COPY);
      reply = syscalls.with(worker -> worker.run(batch));
    }
    if (reply.results().length <= before) {
      return OptionalInt.empty();
    }
    int overlay = reply.fd();
    return OptionalInt.of(overlay < 0 ? overlay : attach(overlay, target));
  }

  /// A mount that is attached nowhere yet, which is closed then.
  private int attach(int mount, int target) {
    try {
      var batch = Batch.changing(call);
      addAttach(batch, batch.fd(mount), target);
      return syscalls.with(worker -> worker.run(batch).last());
    } finally {
      Files.close(mount);
    }
  }

  private static void addMount(
      Batch batch, Batch.Argument source, byte[] fstype, long flags, byte[] data) {
    batch.call(
        "mount",
        source,
        batch.string("self/fd/" + WorkerSyscalls.PLACE),
        pointer(batch, fstype),
        value(flags),
        pointer(batch, data));
  }

  private static Batch.Argument pointer(Batch batch, byte[] string) {
    return string.length == 0 ? value(0) : batch.bytes(Arrays.copyOf(string, string.length + 1));
  }

  long setAttributes(int object, int flags, byte[] attr, long size, int userNamespace) {
    boolean isReal = object >= 0;
    var batch = isReal ? Batch.changing(call) : new Batch();
    var copy = batch.bytes(attr);
    if (userNamespace >= 0) {
      batch.store(Batch.at(copy, Mounts.USERNS_FD), batch.fd(userNamespace), Long.BYTES);
    }
    batch.call(
        "mount_setattr",
        isReal ? batch.fd(object) : value(-1),
        batch.string(isReal ? "" : "name"),
        value(flags),
        copy,
        value(size));
    return syscalls.with(worker -> worker.run(batch).last());
  }

  int fsopen(byte[] fstype, int flags) {
    var batch = new Batch();
    if (!isOfPidNamespace(fstype)) {
      addFsopen(batch, fstype, flags);
      return syscalls.with(worker -> worker.run(batch).fd());
    }
    addFsopen(batch.inChild(), fstype, flags);
    return syscalls.withChildrenAmongCallers(worker -> worker.run(batch).fd());
  }

  private static void addFsopen(Batch batch, byte[] fstype, int flags) {
    var name = batch.bytes(Arrays.copyOf(fstype, fstype.length + 1));
    batch.send("fsopen", name, value(flags | FSOPEN_CLOEXEC));
  }

  /// The root is an empty file system, but for the node of the device.
  int createAlone(int context, String device, int number) {
    var batch = new Batch().inChild();
    batch.call("unshare", value(CLONE_NEWNS));
    addPrivate(batch);
    var root = batch.string(pool.directory());
    var type = batch.string("tmpfs");
    batch.call("mount", type, root, type, value(0), value(0));
    batch.call("chroot", root);
    batch.call("chdir", batch.string("/"));
    batch.call("mkdirat", value(OpenFlags.AT_FDCWD), batch.string("/dev"), value(0700));
    var node = batch.string(device);
    batch.call("mknodat", value(OpenFlags.AT_FDCWD), node, value(BLOCK_DEVICE), value(number));
    batch.call("fsconfig", batch.fd(context), value(CREATE), value(0), value(0), value(0));
    return pool.asOurselves(call, worker -> worker.run(batch).last());
  }

  int lock(int mount, TaskFiles files) {
    var batch = new Batch().inChild();
    addLocking(batch, mount, files);
    batch.send("open_tree", value(OpenFlags.AT_FDCWD), batch.string(pool.directory()), COPY);
    return pool.asOurselves(call, worker -> worker.run(batch).fd());
  }

  int attachLocked(int mount, String below, int object, TaskFiles files) {
    var batch = Batch.changing(call).inChild();
    addLocking(batch, mount, files);
    var place = batch.string(pool.directory() + below);
    var copy = batch.open("open_tree", value(OpenFlags.AT_FDCWD), place, COPY);
    batch.call("setns", batch.fd(files.mountNamespace()), value(CLONE_NEWNS));
    addAttach(batch, copy, object);
    return pool.asOurselves(call, worker -> worker.run(batch).last());
  }

  int serve(ServedImage image, int object, TaskFiles files) {
    try (var server = FuseServer.start(pool.fuseProgram(), image, files.userNamespace())) {
      call.cancellation().onCancel(server::kill, true);
      try {
        if (!server.joinCgroupsOf(call.task())) {
          server.kill();
          return -Errno.EAGAIN.number();
        }
        if (!server.awaitMount()) {
          return server.error();
        }
      } finally {
        call.cancellation().off();
      }
      call.validate();
      return attach(server, image.attributes(), object, files);
    }
  }

  /// The container gets the only mount there is: the program ends when that is unmounted.
  private int attach(FuseServer server, int attributes, int object, TaskFiles files) {
    int namespace = server.openMountNamespace(files.userNamespace());
    if (namespace < 0) {
      return server.error();
    }
    boolean isAttached = false;
    try {
      var batch = Batch.changing(call).inChild();
      batch.call("setns", batch.fd(namespace), value(CLONE_NEWNS));
      var place = batch.string(FuseServer.PLACE);
      var copy = batch.open("open_tree", value(OpenFlags.AT_FDCWD), place, COPY);
      batch.call("umount2", place, value(Mounts.MNT_DETACH));
      var attr = ByteBuffer.allocate(Mounts.SIZEOF_MOUNT_ATTR).order(ByteOrder.nativeOrder());
      batch.call(
          "mount_setattr",
          copy,
          batch.string(""),
          value(OpenFlags.AT_EMPTY_PATH),
          batch.bytes(attr.putLong(Mounts.ATTR_SET, attributes).array()),
          value(Mounts.SIZEOF_MOUNT_ATTR));
      enterMountNamespace(batch, files);
      addAttach(batch, copy, object);
      server.leave(); // before, for what is attached must not lose it should we end now
      int result = pool.asOurselves(call, worker -> worker.run(batch).last());
      isAttached = result >= 0;
      return result;
    } finally {
      if (!isAttached) {
        server.kill();
      }
      Files.close(namespace);
    }
  }

  /// As root of the user namespace, and of no other: the kernel asks for CAP_SYS_ADMIN over the
  /// mount namespace, which may be one that is not the caller's to mount in.
  private static void enterMountNamespace(Batch batch, TaskFiles files) {
    batch.call("setns", batch.fd(files.userNamespace()), value(CLONE_NEWUSER));
    batch.call("setns", batch.fd(files.mountNamespace()), value(CLONE_NEWNS));
  }

  /// A copy of a mount that is made into a namespace of a less privileged user namespace has its
  /// flags locked (mount_namespaces(7)); so the mount passes through such a one on its way.
  private void addLocking(Batch batch, int mount, TaskFiles files) {
    batch.call("unshare", value(CLONE_NEWNS));
    addPrivate(batch);
    batch.call(
        "move_mount",
        batch.fd(mount),
        batch.string(""),
        value(OpenFlags.AT_FDCWD),
        batch.string(pool.directory()),
        value(Mounts.MOVE_MOUNT_F_EMPTY_PATH));
    batch.call("setns", batch.fd(files.userNamespace()), value(CLONE_NEWUSER));
    batch.call("unshare", value(CLONE_NEWNS));
  }

  /// What is mounted from here on is seen in no other namespace.
  private static void addPrivate(Batch batch) {
    batch.call(
        "mount", value(0), batch.string("/"), value(0), value(MS_REC | MS_PRIVATE), value(0));
  }

  private static void addAttach(Batch batch, Batch.Argument mount, int object) {
    batch.call(
        "move_mount",
        mount,
        batch.string(""),
        batch.fd(object),
        batch.string(""),
        value(Mounts.MOVE_MOUNT_F_EMPTY_PATH | Mounts.MOVE_MOUNT_T_EMPTY_PATH));
  }
}
