package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.handler.mount.FsopenHandler;
import dev.sluice.supervisor.kernel.Capability;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.syscall.PathParameter.Last;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import dev.sluice.supervisor.target.Text;
import java.util.Optional;
import java.util.function.IntFunction;

/// fsopen(2), fsconfig(2), fsmount(2) and move_mount(2) for images. What is about any other context
/// is the container's own business, and the kernel's: it may do with it what it may do without us.
final class ImageContexts {
  private static final int CLOEXEC = 1;

  /// fsconfig(2)
  private static final int SET_FLAG = 0;

  private static final int SET_STRING = 1;
  private static final int SET_BINARY = 2;
  private static final int SET_PATH = 3;
  private static final int SET_PATH_EMPTY = 4;
  private static final int SET_FD = 5;
  private static final int CMD_CREATE = 6;
  private static final int CMD_RECONFIGURE = 7;
  private static final int CMD_CREATE_EXCL = 8;
  private static final int MAX_STRING = 255;

  /// fsmount(2)
  private static final int ATTRIBUTES =
      Mounts.ATTR_RDONLY
          | Mounts.ATTR_NOSUID
          | Mounts.ATTR_NODEV
          | Mounts.ATTR_NOEXEC
          | Mounts.ATTR_NOATIME
          | Mounts.ATTR_STRICTATIME
          | Mounts.ATTR_NODIRATIME
          | Mounts.ATTR_NOSYMFOLLOW;

  /// move_mount(2)
  private static final int MOVE_FLAGS =
      Mounts.MOVE_MOUNT_F_EMPTY_PATH
          | Mounts.MOVE_MOUNT_T_EMPTY_PATH
          | Mounts.MOVE_MOUNT_T_SYMLINKS;

  /// Of a directory descriptor: itself.
  private static final Text HERE = new Text();

  static {
    HERE.set(new byte[] {'.'});
  }

  private ImageContexts() {}

  /// fsopen: the caller gets a context of its own, and we remember which.
  static Verdict open(Call call, ImageGrant grant) {
    int context = FsopenHandler.open(call);
    if (context >= 0) {
      int standIn = Files.duplicate(context);
      if (!Processes.isOneFile(context, standIn)) {
        Files.close(standIn);
        Files.close(context);
        return fail(Errno.ENOSYS); // without kcmp(2) it could not be told from others
      }
      String fstype = call.string(0).toString();
      MountContexts.ALL.add(new MountContext(call.listener(), standIn, fstype, grant));
    }
    return FsopenHandler.verdict(call, context);
  }

  static Verdict configure(Call call) {
    Optional<MountContext> context = contextOf(call);
    return context.map(found -> found.use(() -> configure(call, found))).orElse(Verdict.CONTINUE);
  }

  private static Verdict configure(Call call, MountContext context) {
    boolean hasValue = call.arg(3) != 0;
    switch (call.intArg(1)) {
      case SET_FLAG -> {
        check(!hasValue && call.intArg(4) == 0);
        context.set(string(call, 2).toString());
      }
      case SET_STRING -> {
        check(hasValue && call.intArg(4) == 0);
        context.set(string(call, 2).toString(), string(call, 3));
      }
      case CMD_CREATE, CMD_CREATE_EXCL -> {
        check(call.arg(2) == 0 && !hasValue && call.intArg(4) == 0);
        if (!call.task().isCapableInContainer(Capability.CAP_SYS_ADMIN)) {
          return fail(Errno.EPERM);
        }
        call.validate();
        context.create(call);
      }
      case CMD_RECONFIGURE -> {
        return fail(Errno.EBUSY);
      }
      case SET_BINARY, SET_PATH, SET_PATH_EMPTY, SET_FD -> check(false);
      default -> {
        return fail(Errno.EOPNOTSUPP);
      }
    }
    return Verdict.Return.of(0);
  }

  static Verdict mount(Call call) {
    Optional<MountContext> found = contextOf(call);
    if (found.isEmpty()) {
      return Verdict.CONTINUE;
    }
    int flags = call.intArg(1);
    int attributes = call.intArg(2);
    check((flags & ~CLOEXEC) == 0 && (attributes & ~ATTRIBUTES) == 0);
    if (!call.task().isCapableInContainer(Capability.CAP_SYS_ADMIN)) {
      return fail(Errno.EPERM);
    }
    try (var files = call.task().openFiles()) {
      call.validate();
      int directory = found.get().use(() -> found.get().mount(call, attributes, files));
      return directory < 0
          ? Verdict.Fail.of(-directory)
          : Verdict.InjectFd.of(directory, (flags & CLOEXEC) != 0);
    }
  }

  /// move_mount of what [#mount] gave: made by us, as we hold on to that until then, and what is
  /// held cannot be unmounted.
  static Verdict attach(Call call) {
    int flags = call.intArg(4);
    Optional<MountContext> context =
        (flags & Mounts.MOVE_MOUNT_F_EMPTY_PATH) == 0
            ? Optional.empty()
            : find(call, MountContexts.ALL::ofDirectory);
    if (context.isEmpty() || (flags & ~MOVE_FLAGS) != 0 || !isEmpty(call, 1)) {
      return Verdict.CONTINUE;
    }
    PathArgument target = target(call, flags);
    if (target.object() < 0) {
      return fail(Errno.ENOENT);
    }
    call.validate();
    MountContext found = context.get();
    int result = found.use(() -> found.attach(call, target.object()));
    if (result == 0) {
      MountContexts.ALL.remove(found);
    }
    return Results.of(result);
  }

  private static boolean isEmpty(Call call, int path) {
    return call.arg(path) != 0 && call.string(path).isEmpty();
  }

  private static PathArgument target(Call call, int flags) {
    if (call.arg(3) == 0) {
      throw Abort.errno(Errno.EFAULT);
    }
    boolean follow = (flags & Mounts.MOVE_MOUNT_T_SYMLINKS) != 0;
    var parameter = new PathParameter("path2", 2, 3, follow ? Last.FOLLOW : Last.NOFOLLOW, -1);
    boolean itself = (flags & Mounts.MOVE_MOUNT_T_EMPTY_PATH) != 0 && isEmpty(call, 3);
    return call.file(itself ? HERE : call.string(3), parameter);
  }

  private static Optional<MountContext> contextOf(Call call) {
    return find(call, MountContexts.ALL::of);
  }

  /// Of the descriptor in the first register.
  private static Optional<MountContext> find(
      Call call, IntFunction<Optional<MountContext>> registry) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    int copy = call.task().copyDescriptor(call.intArg(0));
    if (copy < 0) {
      return Optional.empty(); // the kernel says what is wrong with it
    }
    try {
      return registry.apply(copy);
    } finally {
      Files.close(copy);
    }
  }

  private static Text string(Call call, int index) {
    if (call.arg(index) == 0) {
      throw Abort.errno(Errno.EINVAL);
    }
    Text text = call.string(index);
    check(text.length() <= MAX_STRING);
    return text;
  }

  private static void check(boolean valid) {
    if (!valid) {
      throw Abort.errno(Errno.EINVAL);
    }
  }

  private static Verdict fail(Errno errno) {
    return Verdict.Fail.of(errno.number());
  }
}
