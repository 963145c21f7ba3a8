package dev.sluice.supervisor.worker;

import static dev.sluice.supervisor.worker.Batch.value;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Sockets;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.kernel.UnixSocket;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.DeviceCgroups;
import dev.sluice.supervisor.target.Filesystems;
import dev.sluice.supervisor.target.Identity;
import dev.sluice.supervisor.target.MountData;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.OutgoingMessage;
import dev.sluice.supervisor.target.ServedImage;
import dev.sluice.supervisor.target.Syscalls;
import dev.sluice.supervisor.target.TaskFiles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/// Calls made by a worker for one call of a target. Those that do not come back end with the call
/// ([Call#cancellation]).
final class WorkerSyscalls implements Syscalls {
  private static final int UMOUNT2 = Arch.host().number("umount2").orElseThrow();
  private static final int SIZEOF_OPEN_HOW = 24;
  private static final int SIZEOF_MSGHDR = 56;

  /// The longest datagram of IP, and a bit.
  private static final int MAX_MESSAGE = 1 << 16;

  /// Beside the socket, the one it is sent to and /proc.
  private static final int MAX_PASSED = UnixSocket.MAX_FDS - 3;

  /// With these openat2(2) itself refuses magic links.
  private static final long NO_MAGIC =
      OpenFlags.RESOLVE_BENEATH
          | OpenFlags.RESOLVE_IN_ROOT
          | OpenFlags.RESOLVE_NO_MAGICLINKS
          | OpenFlags.RESOLVE_NO_SYMLINKS;

  /// A descriptor number for an object on its way through /proc/self/fd, where its number must be
  /// known beforehand.
  static final int PLACE = 100;

  static final int PROC = Files.open("/proc", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);

  private final WorkerPool pool;
  private final Call call;
  private final Identity identity;
  private final WorkerMounts mounts;

  /// The workers that took part, by pid.
  private final Set<Integer> makers = new HashSet<>();

  WorkerSyscalls(WorkerPool pool, Call call, Identity identity) {
    this.pool = pool;
    this.call = call;
    this.identity = identity;
    this.mounts = new WorkerMounts(pool, call, this);
  }

  /// Does work with a worker that is the caller, where it is.
  <T> T with(Function<WorkerProcess, T> work) {
    return with(work, false);
  }

  /// The same with one whose children are in the caller's pid namespace.
  <T> T withChildrenAmongCallers(Function<WorkerProcess, T> work) {
    return as(identity.withChildrenIn(call.task().otherPidNamespace()), work, false);
  }

  /// @param onSignal whether a signal may end the work, which then is done again
  private <T> T with(Function<WorkerProcess, T> work, boolean onSignal) {
    return as(identity, work, onSignal);
  }

  private <T> T as(Identity who, Function<WorkerProcess, T> work, boolean onSignal) {
    return pool.as(
        call,
        who,
        worker -> {
          makers.add(worker.pid());
          call.cancellation().onCancel(worker::kill, onSignal && !isUnmount());
          try {
            return work.apply(worker);
          } finally {
            call.cancellation().off();
          }
        });
  }

  /// What an unmount looks at, it holds meanwhile. Made again at once, it would find in its way
  /// (EBUSY) what the look that a signal has ended still holds. Nor does a signal end one in the
  /// kernel.
  private boolean isUnmount() {
    return call.name().equals("umount2") || call.name().equals("umount");
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

  /// Of what is not to be done again behind its back: a signal makes it fail with EINTR, or lets it
  /// succeed, as in the kernel.
  private WorkerProcess.Reply inPlace(Batch batch) {
    return inPlace(batch, () -> true);
  }

  private WorkerProcess.Reply inPlace(Batch batch, BooleanSupplier condition) {
    return pool.as(
        call,
        identity,
        worker -> {
          call.cancellation().onInterrupt(worker::interrupt, worker::kill);
          try {
            call.validate();
            if (!condition.getAsBoolean()) {
              throw Abort.errno(Errno.ESRCH);
            }
            return worker.run(batch);
          } finally {
            call.cancellation().off();
          }
        });
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
    boolean followsMagic = (flags & OpenFlags.O_NOFOLLOW) == 0 && (resolve & NO_MAGIC) == 0;
    return interruptibleFd(followsMagic && dirfd >= 0 ? byNobodyElse(batch, dirfd) : batch);
  }

  @Override
  public long make(Operation operation, boolean again) {
    // under a limit on the size of files the journal cannot be written to, nor does the change
    // matter
    boolean isNoted = !again && !operation.isLimited();
    if (operation.nr() == UMOUNT2) {
      pool.leaveOtherRoots(identity);
    }
    Batch empty = isNoted ? Batch.changing(call) : new Batch();
    if (operation.isInDeviceCgroups()) {
      try (var groups = DeviceCgroups.of(call.task())) {
        return make(
            operation, new OperationBatch(operation, empty.inCgroups(groups.members())), again);
      }
    }
    return make(operation, new OperationBatch(operation, empty), again);
  }

  private long make(Operation operation, OperationBatch batch, boolean again) {
    WorkerProcess.Reply reply =
        again
            ? with(worker -> worker.run(batch.calls()), true)
            : inPlace(batch.calls(), operation::holds);
    return batch.finish(reply);
  }

  @Override
  public int open(Operation operation) {
    if (operation.isInDeviceCgroups()) {
      try (var groups = DeviceCgroups.of(call.task())) {
        return open(operation, new Batch().inCgroups(groups.members()));
      }
    }
    return open(operation, new Batch());
  }

  private int open(Operation operation, Batch empty) {
    var batch = OperationBatch.opening(operation, empty);
    WorkerProcess.Reply reply = with(worker -> worker.run(batch.calls()), true);
    batch.finish(reply);
    return reply.fd();
  }

  @Override
  public int create(int directory, NativeBytes name, int flags, int mode, int umask) {
    var batch = Batch.changing(call);
    batch.call("umask", value(umask));
    batch.send("openat", batch.fd(directory), batch.string(name), value(flags), value(mode));
    return fd(batch);
  }

  @Override
  public int reopen(int pinned, int flags) {
    var stat = new Stat();
    if (Files.fstat(pinned, stat) < 0 || !DeviceCgroups.mayForbid(stat)) {
      return reopen(byNobodyElse(new Batch(), pinned), pinned, flags);
    }
    try (var groups = DeviceCgroups.of(call.task())) {
      return reopen(new Batch().inCgroups(groups.members()), pinned, flags);
    }
  }

  /// What is opened in proc(5) may be a worker's own, that a target has named: any worker could be
  /// the one that is asked, and the kernel lets everybody look at itself. So a process opens it
  /// that nobody can have named, as it does not exist yet.
  private Batch byNobodyElse(Batch batch, int fd) {
    var stat = new Stat();
    boolean isKnown = Files.fstat(fd, stat) == 0;
    return isKnown && Filesystems.of(call, fd, stat) != Filesystems.Kind.PROC
        ? batch
        : batch.inChild();
  }

  private int reopen(Batch batch, int pinned, int flags) {
    batch.open("dup3", batch.fd(pinned), value(PLACE), value(OpenFlags.O_CLOEXEC));
    batch.send("openat", batch.fd(PROC), batch.string("self/fd/" + PLACE), value(flags), value(0));
    return interruptibleFd(batch);
  }

  @Override
  public int mount(
      int sourceObject, byte[] source, int target, byte[] fstype, long flags, MountData data) {
    return mounts.mount(sourceObject, source, target, fstype, flags, data);
  }

  @Override
  public long setMountAttributes(int object, int flags, byte[] attr, long size, int userNamespace) {
    return mounts.setAttributes(object, flags, attr, size, userNamespace);
  }

  @Override
  public int fsopen(byte[] fstype, int flags) {
    return mounts.fsopen(fstype, flags);
  }

  @Override
  public int createAlone(int context, String device, int number) {
    return mounts.createAlone(context, device, number);
  }

  @Override
  public int lock(int mount, TaskFiles files) {
    return mounts.lock(mount, files);
  }

  @Override
  public int attachLocked(int mount, String below, int object, TaskFiles files) {
    return mounts.attachLocked(mount, below, object, files);
  }

  @Override
  public int serve(ServedImage image, int object, TaskFiles files) {
    return mounts.serve(image, object, files);
  }

  @Override
  public int connect(int socket, NativeBytes address, int length) {
    var batch = Batch.changing(call);
    batch.call("connect", batch.fd(socket), batch.bytes(bytes(address, length)), value(length));
    return inPlace(batch).last();
  }

  @Override
  public int connectTo(int socket, int pinned) {
    var batch = Batch.changing(call);
    batch.open("dup3", batch.fd(pinned), value(PLACE), value(OpenFlags.O_CLOEXEC));
    batch.call("fchdir", batch.fd(PROC));
    byte[] path = ("self/fd/" + PLACE).getBytes(StandardCharsets.US_ASCII);
    addUnix(batch, "connect", socket, path);
    return inPlace(batch).last();
  }

  @Override
  public int bind(int socket, NativeBytes address, int length) {
    var batch = Batch.changing(call);
    batch.call("bind", batch.fd(socket), batch.bytes(bytes(address, length)), value(length));
    return result(batch);
  }

  @Override
  public int bindName(int socket, int directory, NativeBytes name, int umask) {
    var batch = Batch.changing(call);
    batch.call("umask", value(umask));
    batch.call("fchdir", batch.fd(directory));
    addUnix(batch, "bind", socket, bytes(name, name.indexOfNul(0, (int) name.size())));
    return result(batch);
  }

  /// A `struct msghdr` is made over there, as only the worker knows where things lie.
  @Override
  public int send(int socket, OutgoingMessage message, int flags) {
    int maxPassed = call.progress().isKept() ? MAX_PASSED - 1 : MAX_PASSED;
    if (message.control().descriptors().length > maxPassed) {
      return -Errno.ETOOMANYREFS.number();
    }
    var batch = Batch.changing(call);
    byte[] address = bytes(message.address(), message.addressLength());
    if (message.file() >= 0) {
      batch.open("dup3", batch.fd(message.file()), value(PLACE), value(OpenFlags.O_CLOEXEC));
      batch.call("fchdir", batch.fd(PROC));
      address = unixAddress(("self/fd/" + PLACE).getBytes(StandardCharsets.US_ASCII));
    }
    var control = message.control();
    var controlBytes = batch.bytes(bytes(control.bytes(), control.length()));
    for (int i = 0; i < control.descriptors().length; i++) {
      var place = Batch.at(controlBytes, control.places()[i]);
      batch.store(place, batch.fd(control.descriptors()[i]), Integer.BYTES);
    }
    var part = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.nativeOrder());
    var parts = batch.bytes(part.putLong(Long.BYTES, message.count()).array());
    batch.store(parts, batch.bytes(bytes(message.data(), message.count())), Long.BYTES);
    var head = ByteBuffer.allocate(SIZEOF_MSGHDR).order(ByteOrder.nativeOrder());
    head.putInt(8, address.length).putLong(24, 1).putLong(40, control.length());
    var header = batch.bytes(head.array());
    if (address.length > 0) {
      batch.store(header, batch.bytes(address), Long.BYTES);
    }
    batch.store(Batch.at(header, 16), parts, Long.BYTES);
    if (control.length() > 0) {
      batch.store(Batch.at(header, 32), controlBytes, Long.BYTES);
    }
    batch.call("sendmsg", batch.fd(socket), header, value(flags));
    if (batch.isTooLong()) {
      return -Errno.ENOBUFS.number(); // as for more control messages than net.core.optmem_max
    }
    if (message.mayName(socket)) {
      return withChildrenAmongCallers(worker -> worker.run(batch.inChild()).last());
    }
    return result(batch);
  }

  @Override
  public int maxMessage() {
    return MAX_MESSAGE;
  }

  private static void addUnix(Batch batch, String call, int socket, byte[] path) {
    byte[] address = unixAddress(path);
    batch.call(call, batch.fd(socket), batch.bytes(address), value(address.length));
  }

  private static byte[] unixAddress(byte[] path) {
    NativeBytes address = NativeBytes.allocate(Sockets.SIZEOF_SOCKADDR_UN);
    return bytes(address, Sockets.unixAddress(path, address));
  }

  private static byte[] bytes(NativeBytes from, int count) {
    var bytes = new byte[count];
    from.get(0, bytes, 0, count);
    return bytes;
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
