package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.kernel.Capability;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.Syscalls;
import dev.sluice.supervisor.target.Text;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// `emulate: trusted-xattr`: some of the attributes `trusted.*` (xattr(7)), which are for whoever
/// has CAP_SYS_ADMIN in the machine's user namespace, for a container's root, on files whose owner
/// and group are the container's. What is about others, or by others, is performed as the caller.
public final class TrustedXattrHandler implements SyscallHandler {
  private static final Set<String> CALLS =
      Set.of(
          "setxattr",
          "lsetxattr",
          "fsetxattr",
          "getxattr",
          "lgetxattr",
          "fgetxattr",
          "removexattr",
          "lremovexattr",
          "fremovexattr",
          "listxattr",
          "llistxattr",
          "flistxattr");

  private static final int SETXATTR = Numbers.of("setxattr");
  private static final int GETXATTR = Numbers.of("getxattr");
  private static final int REMOVEXATTR = Numbers.of("removexattr");
  private static final int LISTXATTR = Numbers.of("listxattr");
  private static final int XATTR_SIZE_MAX = 65536;

  /// XATTR_CREATE, XATTR_REPLACE
  private static final int FLAGS = 3;

  private final Set<String> names;

  /// For [java.util.ServiceLoader].
  public TrustedXattrHandler() {
    this(Set.of("trusted.overlay.opaque"));
  }

  private TrustedXattrHandler(Set<String> names) {
    this.names = names;
  }

  @Override
  public String name() {
    return "trusted-xattr";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  /// `names: "trusted.overlay.opaque, trusted.overlay.redirect"`; without it, the first.
  @Override
  public SyscallHandler configure(Map<String, String> options) {
    return OneOption.of("names", options)
        .map(list -> new TrustedXattrHandler(parse(list)))
        .orElse(this);
  }

  private static Set<String> parse(String list) {
    var names = new TreeSet<String>();
    for (String name : list.split(",", -1)) {
      if (!name.strip().matches("trusted\\.[!-~]{1,200}")) {
        throw new IllegalArgumentException(
            "'names' takes a list such as 'trusted.overlay.opaque', not '" + name.strip() + "'");
      }
      names.add(name.strip());
    }
    return names;
  }

  @Override
  public Verdict handle(Call call, Context context) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    if (call.name().startsWith("f")) {
      return ofDescriptor(call);
    }
    return on(call, Paths.existing(call, 0).object());
  }

  private Verdict ofDescriptor(Call call) {
    int file = call.task().copyDescriptor(call.intArg(0));
    try {
      int flags = file < 0 ? file : Files.statusFlags(file);
      if (flags < 0 || (flags & OpenFlags.O_PATH) != 0) {
        return Verdict.Fail.of(Errno.EBADF.number());
      }
      return on(call, file);
    } finally {
      Files.close(file);
    }
  }

  private Verdict on(Call call, int object) {
    return switch (call.name().replaceFirst("^[lf]", "")) {
      case "setxattr" -> set(call, object);
      case "getxattr" -> get(call, object);
      case "removexattr" -> {
        Text name = call.xattrName(1);
        yield Results.of(Results.change(call, by(call, object, name), remove(call, object, name)));
      }
      default -> list(call, object);
    };
  }

  private Verdict set(Call call, int object) {
    int flags = call.intArg(4);
    if ((flags & ~FLAGS) != 0) {
      return Verdict.Fail.of(Errno.EINVAL.number());
    }
    Text name = call.xattrName(1);
    long size = call.arg(3);
    if (Long.compareUnsigned(size, XATTR_SIZE_MAX) > 0) {
      return Verdict.Fail.of(Errno.E2BIG.number());
    }
    int count = (int) size;
    if (count > 0) {
      call.memory().copy(call.arg(2), call.operation().buffer(count), count);
    }
    Syscalls by = by(call, object, name);
    Operation operation = call.operation();
    operation
        .begin(SETXATTR)
        .pathOf(object)
        .text(name)
        .input(operation.buffer(count), count)
        .value(count)
        .value(flags);
    return Results.of(Results.change(call, by, operation));
  }

  private static Operation remove(Call call, int object, Text name) {
    return call.operation().begin(REMOVEXATTR).pathOf(object).text(name);
  }

  private Verdict get(Call call, int object) {
    Text name = call.xattrName(1);
    int room = room(call.arg(3));
    return filled(call, by(call, object, name).make(get(call, object, name, room), true), 2, room);
  }

  private static Operation get(Call call, int object, Text name, int room) {
    Operation operation = call.operation().begin(GETXATTR).pathOf(object).text(name);
    return room == 0 ? operation.value(0).value(0) : operation.output(room).value(room);
  }

  private static int room(long size) {
    return Long.compareUnsigned(size, XATTR_SIZE_MAX) > 0 ? XATTR_SIZE_MAX : (int) size;
  }

  private static Verdict filled(Call call, long result, int register, int room) {
    if (result > 0 && room > 0) {
      call.memory().write(call.arg(register), call.operation().buffer((int) result), (int) result);
    }
    return Results.of(result);
  }

  /// What the caller sees, and behind it those of the names that there are.
  private Verdict list(Call call, int object) {
    Operation operation = call.operation().begin(LISTXATTR).pathOf(object);
    Syscalls caller = call.patientSyscalls();
    long length = caller.make(operation.output(XATTR_SIZE_MAX).value(XATTR_SIZE_MAX), true);
    if (length < 0) {
      return Results.of(length);
    }
    var seen = new byte[(int) length];
    operation.buffer(XATTR_SIZE_MAX).get(0, seen, 0, seen.length);
    String all = new String(seen, StandardCharsets.ISO_8859_1) + thoseOf(call, object);
    int room = room(call.arg(2));
    if (room > 0 && all.length() > room) {
      return Verdict.Fail.of(Errno.ERANGE.number());
    }
    byte[] bytes = all.getBytes(StandardCharsets.ISO_8859_1);
    call.operation().buffer(bytes.length).put(0, bytes, 0, bytes.length);
    return filled(call, all.length(), 1, room);
  }

  /// The names there are, each with a NUL behind it.
  private String thoseOf(Call call, int object) {
    if (!isEntitled(call, object)) {
      return "";
    }
    Syscalls privileged = call.privilegedSyscalls(Capability.CAP_SYS_ADMIN.bit());
    return names.stream()
        .filter(name -> privileged.make(get(call, object, Text.of(name), 0), true) >= 0)
        .map(name -> name + "\0")
        .collect(Collectors.joining());
  }

  /// Who makes a call about an attribute of a pinned object.
  private Syscalls by(Call call, int object, Text name) {
    return names.contains(name.toString()) && isEntitled(call, object)
        ? call.privilegedSyscalls(Capability.CAP_SYS_ADMIN.bit())
        : call.patientSyscalls();
  }

  /// As capable_wrt_inode_uidgid() of the kernel, for a container.
  private static boolean isEntitled(Call call, int object) {
    var stat = new Stat();
    return Files.fstat(object, stat) == 0
        && call.task().isCapableInContainer(Capability.CAP_SYS_ADMIN)
        && call.task().hasIds(stat.uid(), stat.gid());
  }
}
