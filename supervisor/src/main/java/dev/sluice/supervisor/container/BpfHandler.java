package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.kernel.Bpf;
import dev.sluice.supervisor.kernel.Capability;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.Task;
import java.util.Set;

/// `emulate: bpf`: bpf(2) of programs that say which devices a cgroup may use
/// (BPF_PROG_TYPE_CGROUP_DEVICE), as runtimes and init systems have them, for a container's root:
/// to load one, to attach it to a cgroup of the container's, to ask for those there, and to detach
/// one that was loaded so. They only take away: a device is there if all programs, those of the
/// machine too, allow it.
///
/// Every program or attachment of another type fails with EPERM. Every other command, and all that
/// others call, is the kernel's to answer: nothing but registers, and who calls, has been looked at
/// then.
public final class BpfHandler implements SyscallHandler {
  private static final Set<Integer> COMMANDS =
      Set.of(
          Bpf.PROG_LOAD,
          Bpf.PROG_ATTACH,
          Bpf.PROG_DETACH,
          Bpf.PROG_QUERY,
          Bpf.PROG_GET_FD_BY_ID,
          Bpf.OBJ_GET_INFO_BY_FD);

  private static final long CAPABILITIES =
      Capability.CAP_BPF.bit() | Capability.CAP_NET_ADMIN.bit();

  @Override
  public String name() {
    return "bpf";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("bpf");
  }

  @Override
  public Verdict handle(Call call, Context context) {
    int command = call.intArg(0);
    if (!COMMANDS.contains(command) || !isEntitled(call.task())) {
      return Verdict.CONTINUE;
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    var attributes = BpfAttributes.of(call);
    return switch (command) {
      case Bpf.PROG_LOAD -> load(call, attributes);
      case Bpf.PROG_ATTACH -> attach(call, attributes);
      case Bpf.PROG_DETACH -> detach(call, attributes);
      case Bpf.PROG_QUERY -> DeviceProgramLists.query(call, attributes);
      case Bpf.PROG_GET_FD_BY_ID -> DeviceProgramLists.open(call, attributes);
      default -> DeviceProgramLists.info(call, attributes);
    };
  }

  /// CAP_SYS_ADMIN has what later was given to others (capabilities(7)).
  private static boolean isEntitled(Task task) {
    return task.isCapableInContainer(Capability.CAP_SYS_ADMIN)
        || (task.isCapableInContainer(Capability.CAP_BPF)
            && task.isCapableInContainer(Capability.CAP_NET_ADMIN));
  }

  private static Verdict load(Call call, BpfAttributes attributes) {
    var program = DeviceProgram.of(call, attributes);
    DevicePrograms.checkThereMayBeMore(call.task());
    int loaded = program.load(CAPABILITIES);
    return loaded < 0
        ? Verdict.Fail.of(-loaded)
        : Verdict.InjectFd.of(DevicePrograms.ALL.add(call, loaded), true);
  }

  private static Verdict attach(Call call, BpfAttributes attributes) {
    int flags = attributes.getInt(Bpf.ATTACH_FLAGS);
    boolean replaces = (flags & Bpf.F_REPLACE) != 0;
    BpfAttributes.check((flags & ~(Bpf.F_ALLOW_MULTI | Bpf.F_REPLACE)) == 0);
    attributes.checkEnd(Bpf.END_OF_ATTACH);
    int program = DevicePrograms.ALL.open(call, attributes.getInt(Bpf.ATTACH_BPF_FD));
    int replaced = -1;
    try (var cgroup = ContainerCgroup.of(call, attributes.getInt(Bpf.TARGET_FD))) {
      checkType(attributes.getInt(Bpf.ATTACH_TYPE));
      if ((flags & Bpf.F_ALLOW_MULTI) == 0) {
        return Verdict.Fail.of(Errno.EPERM.number()); // others might not count
      }
      cgroup.checkRoom();
      NativeBytes attr = NativeBytes.allocate(Bpf.SIZEOF_ATTR);
      attr.putInt(Bpf.ATTACH_TYPE, Bpf.CGROUP_DEVICE);
      attr.putInt(Bpf.ATTACH_FLAGS, flags);
      Operation operation = begin(call, Bpf.PROG_ATTACH, attr, cgroup, program);
      if (replaces) {
        replaced = DevicePrograms.ALL.open(call, attributes.getInt(Bpf.REPLACE_BPF_FD));
        operation.member(Bpf.REPLACE_BPF_FD, replaced);
      }
      return change(call, operation);
    } finally {
      Files.close(replaced);
      Files.close(program);
    }
  }

  private static Verdict detach(Call call, BpfAttributes attributes) {
    checkType(attributes.getInt(Bpf.ATTACH_TYPE));
    attributes.checkEnd(Bpf.ATTACH_FLAGS);
    int program = DevicePrograms.ALL.open(call, attributes.getInt(Bpf.ATTACH_BPF_FD));
    try (var cgroup = ContainerCgroup.of(call, attributes.getInt(Bpf.TARGET_FD))) {
      NativeBytes attr = NativeBytes.allocate(Bpf.SIZEOF_ATTR);
      attr.putInt(Bpf.ATTACH_TYPE, Bpf.CGROUP_DEVICE);
      return change(call, begin(call, Bpf.PROG_DETACH, attr, cgroup, program));
    } finally {
      Files.close(program);
    }
  }

  private static Operation begin(
      Call call, int command, NativeBytes attr, ContainerCgroup cgroup, int program) {
    return call.operation()
        .begin(DeviceProgram.BPF)
        .value(command)
        .output(attr, Bpf.SIZEOF_ATTR)
        .member(Bpf.TARGET_FD, cgroup.descriptor())
        .member(Bpf.ATTACH_BPF_FD, program);
  }

  private static Verdict change(Call call, Operation operation) {
    operation.value(Bpf.SIZEOF_ATTR);
    return Results.of(Results.change(call, call.privilegedSyscalls(CAPABILITIES), operation));
  }

  static void checkType(int attachType) {
    if (attachType != Bpf.CGROUP_DEVICE) {
      throw Abort.errno(Errno.EPERM);
    }
  }
}
