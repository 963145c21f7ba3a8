package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Access;
import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.handler.modify.MknodHandler;
import dev.sluice.supervisor.kernel.Capability;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.DeviceCgroups;
import dev.sluice.supervisor.target.Effect;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import dev.sluice.supervisor.target.Syscalls;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/// `emulate: device`: mknod and mknodat of devices, which in a user namespace the kernel lets
/// nobody make, for a container's root. Everything that is no device, and a whiteout, is made as
/// the caller, and so is what somebody makes who is in no container.
///
/// The kernel is asked whether the caller may make a file there; then the node is made as the same
/// user. Where nodes cannot be opened, as on a tmpfs that the container has mounted itself
/// (SB_I_NODEV), the caller makes a plain file, and a node of ours is mounted on it
/// ([MountedNode]). So it is with the console, wherever it is made, and that mount has `nodev`: who
/// unpacks an image gets a node, and nobody opens the machine's.
public final class DeviceHandler implements SyscallHandler {
  private static final Set<String> CALLS = Set.of("mknod", "mknodat");
  private static final int MKNODAT = Numbers.of("mknodat");
  private static final int UNLINKAT = Numbers.of("unlinkat");
  private static final int FSTATFS = Numbers.of("fstatfs");
  private static final int FACCESSAT2 = Numbers.of("faccessat2");

  /// Mounts whose file systems let nodes be opened: what holds once holds for good.
  private static final KnownMounts OPENABLE = new KnownMounts();

  /// `struct statfs` of 64-bit machines (statfs(2)).
  private static final int SIZEOF_STATFS = 120;

  private static final int F_FLAGS = 80;
  private static final long ST_NODEV = 4;
  private static final int S_IFREG = 0100000;
  private static final int PIN = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;
  private static final int PROBE = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC;
  private static final Device NULL = new Device(Device.S_IFCHR, 1, 3);

  /// To make a node, in a directory that the caller may write to only as root of its container.
  private static final long CAPABILITIES =
      Capability.CAP_MKNOD.bit() | Capability.CAP_DAC_OVERRIDE.bit();

  private final Set<Device> devices;

  /// Those of them that are made, and cannot be opened.
  private final Set<Device> closed;

  /// For [java.util.ServiceLoader].
  public DeviceHandler() {
    this(Device.HARMLESS, Set.of(Device.CONSOLE));
  }

  private DeviceHandler(Set<Device> devices, Set<Device> closed) {
    this.devices = devices;
    this.closed = closed;
  }

  @Override
  public String name() {
    return "device";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  /// `devices: "c 1:3, b 7:0"` are those that may be made, and opened; without it, those that do no
  /// harm.
  @Override
  public SyscallHandler configure(Map<String, String> options) {
    return OneOption.of("devices", options)
        .map(list -> new DeviceHandler(Device.setOf(list), Set.of()))
        .orElse(this);
  }

  @Override
  public Verdict handle(Call call, Context context) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    int at = call.name().equals("mknodat") ? 1 : 0;
    int mode = call.intArg(1 + at);
    var device = Device.of(mode, call.intArg(2 + at));
    if (!device.isDevice() || device.isWhiteout() || call.task().isInOurUserNamespace()) {
      return new MknodHandler().handle(call, context);
    }
    PathArgument path = Paths.name(call, 0);
    if (!devices.contains(device) || !call.task().isCapableInContainer(Capability.CAP_MKNOD)) {
      return Verdict.Fail.of(Errno.EPERM.number());
    }
    return make(call, path, mode, device);
  }

  private Verdict make(Call call, PathArgument path, int mode, Device device) {
    Syscalls caller = call.patientSyscalls();
    Syscalls privileged = call.privilegedSyscalls(CAPABILITIES);
    undo(call, caller, path);
    checkAccess(call, caller, path);
    boolean isClosed = closed.contains(device);
    if (!isClosed && (OPENABLE.isKnown(path.parent()) || canBeOpened(call, privileged, path))) {
      call.progress().means(Effect.RESULT, 0);
      change(call, privileged, mknod(call, path, mode, device.dev()));
      return Verdict.Return.of(0);
    }
    IntFunction<Operation> mknod =
        directory -> mknod(call, directory, MountedNode.NODE, mode, device.dev());
    boolean nodev = isClosed || isWithoutDevices(call, privileged, path);
    try (var node = MountedNode.make(call, privileged, mknod, nodev)) {
      call.progress().means(Effect.TRIAL, 0);
      change(call, caller, mknod(call, path, (mode & ~Device.S_IFMT) | S_IFREG, 0));
      call.cancellation().commit();
      return attach(call, caller, path, node);
    }
  }

  private static Verdict attach(Call call, Syscalls caller, PathArgument path, MountedNode node) {
    int file = caller.pin(path.parent(), path.givenName(), PIN, 0);
    try {
      call.progress().means(Effect.ON_TRIAL, 0);
      return file < 0 ? Results.of(file) : node.attach(call, file);
    } finally {
      Files.close(file);
    }
  }

  /// Removes what somebody before us has left, who ended in the middle of this call: with no more
  /// rights than the caller, as the path may lead elsewhere by now.
  private static void undo(Call call, Syscalls caller, PathArgument path) {
    if (call.unfinished().isPresent()) {
      call.progress().means(Effect.UNDOING, 0);
      var _ = Results.change(call, caller, unlink(call, path));
      call.forgetUnfinished();
    }
  }

  /// Throws [Abort] unless the caller may make something in the directory.
  private static void checkAccess(Call call, Syscalls caller, PathArgument path) {
    Operation access =
        call.operation()
            .begin(FACCESSAT2)
            .itself(path.parent())
            .value(Access.W_OK | Access.X_OK)
            .value(OpenFlags.AT_EMPTY_PATH | Access.AT_EACCESS);
    long result = caller.make(access, true);
    if (result < 0) {
      // that there is such a name already is what the kernel says first
      call.progress().means(Effect.TRIAL, 0);
      change(call, caller, mknod(call, path, S_IFREG, 0));
      call.cancellation().commit();
      call.progress().means(Effect.UNDOING, 0);
      change(call, caller, unlink(call, path));
      throw Abort.errno((int) -result);
    }
  }

  /// Whether nodes in this directory can be opened, or are not to be, as somebody wanted (`nodev`).
  /// Asked with one that does nothing when it is opened. An overlay makes it with the rights of
  /// whoever mounted that: where this was the container, it cannot be made.
  private static boolean canBeOpened(Call call, Syscalls privileged, PathArgument path) {
    call.progress().means(Effect.TRIAL, 0);
    long made = Results.change(call, privileged, mknod(call, path, Device.S_IFCHR, NULL.dev()));
    if (made < 0) {
      if (made == -Errno.EPERM.number()) {
        return false;
      }
      throw Abort.errno((int) -made);
    }
    call.cancellation().commit();
    boolean canBe = canBeOpened(privileged, path) || isWithoutDevices(call, privileged, path);
    call.progress().means(Effect.UNDOING, 0);
    change(call, privileged, unlink(call, path));
    return canBe;
  }

  /// The same of the node that has just been made. Who may write to the directory may have put
  /// something else in its place, which is not opened, and stays: a FIFO would be waited for.
  private static boolean canBeOpened(Syscalls privileged, PathArgument path) {
    int node = privileged.pin(path.parent(), path.givenName(), PIN, 0);
    int opened = -1;
    try {
      if (node >= 0 && !isNull(node)) {
        throw Abort.errno(Errno.EEXIST);
      }
      opened = node < 0 ? node : privileged.reopen(node, PROBE);
      if (opened >= 0) {
        OPENABLE.add(node);
      }
      return opened >= 0;
    } finally {
      Files.close(node);
      Files.close(opened);
    }
  }

  private static boolean isNull(int fd) {
    var stat = new Stat();
    return Files.fstat(fd, stat) == 0 && Device.of(stat.mode(), (int) stat.rdev()).equals(NULL);
  }

  private static boolean isWithoutDevices(Call call, Syscalls privileged, PathArgument path) {
    Operation statfs =
        call.operation().begin(FSTATFS).descriptor(path.parent()).output(SIZEOF_STATFS);
    return privileged.make(statfs, true) >= 0
        && (statfs.buffer(SIZEOF_STATFS).getLong(F_FLAGS) & ST_NODEV) != 0;
  }

  private static void change(Call call, Syscalls syscalls, Operation operation) {
    long result = Results.change(call, syscalls, operation);
    if (result < 0) {
      throw Abort.errno((int) -result);
    }
  }

  private static Operation mknod(Call call, PathArgument path, int mode, int dev) {
    return mknod(call, path.parent(), path.givenName(), mode, dev);
  }

  private static Operation mknod(Call call, int directory, NativeBytes name, int mode, int dev) {
    Operation mknod =
        call.operation()
            .begin(MKNODAT)
            .descriptor(directory)
            .string(name)
            .value(mode)
            .value(Integer.toUnsignedLong(dev))
            .under(call.task().umask());
    var device = Device.of(mode, dev);
    return DeviceCgroups.mayForbid(device.type(), device.major(), device.minor())
        ? mknod.inDeviceCgroups()
        : mknod;
  }

  private static Operation unlink(Call call, PathArgument path) {
    return call.operation()
        .begin(UNLINKAT)
        .descriptor(path.parent())
        .string(path.givenName())
        .value(0);
  }
}
