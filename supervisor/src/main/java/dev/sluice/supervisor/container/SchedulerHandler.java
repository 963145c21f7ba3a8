package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.kernel.Capability;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import java.util.Map;
import java.util.Set;

/// `emulate: { handler: scheduler, priority: N }`: sched_setscheduler and sched_setparam with
/// real-time policies (sched(7)) of up to that priority, for a container's root and processes of
/// the container. Without `priority`, only other policies.
public final class SchedulerHandler implements SyscallHandler {
  private static final Set<String> CALLS = Set.of("sched_setscheduler", "sched_setparam");
  private static final int SCHED_SETSCHEDULER = Numbers.of("sched_setscheduler");
  private static final int SCHED_SETPARAM = Numbers.of("sched_setparam");

  /// linux/sched.h
  private static final int SCHED_FIFO = 1;

  private static final int SCHED_RR = 2;
  private static final int SCHED_DEADLINE = 6;
  private static final int SCHED_RESET_ON_FORK = 0x40000000;

  private final int priority;

  /// For [java.util.ServiceLoader].
  public SchedulerHandler() {
    this(0);
  }

  private SchedulerHandler(int priority) {
    this.priority = priority;
  }

  @Override
  public String name() {
    return "scheduler";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public SyscallHandler configure(Map<String, String> options) {
    String most = OneOption.of("priority", options).orElse("0");
    if (!most.matches("\\d{1,2}")) {
      throw new IllegalArgumentException(
          "'priority' takes a number from 0 to 99, not '" + most + "'");
    }
    return new SchedulerHandler(Integer.parseInt(most));
  }

  @Override
  public Verdict handle(Call call, Context context) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    boolean setsPolicy = call.name().equals("sched_setscheduler");
    long parameter = call.arg(setsPolicy ? 2 : 1);
    int pid = call.intArg(0);
    if (parameter == 0 || pid < 0 || (setsPolicy && call.intArg(1) < 0)) {
      return Verdict.Fail.of(Errno.EINVAL.number());
    }
    int thread = pid == 0 ? call.tid() : call.task().translate(pid);
    if (thread == -Errno.ENOTTY.number()) {
      return ofKernel(call);
    }
    NativeBytes param = NativeBytes.allocate(Integer.BYTES); // struct sched_param
    call.memory().copy(parameter, param, Integer.BYTES);
    int directory = thread < 0 ? thread : open(thread);
    if (directory < 0) {
      return Verdict.Fail.of(Errno.ESRCH.number());
    }
    try {
      if (!isPermitted(call, setsPolicy, param.getInt(0)) || !isOfContainer(call, directory)) {
        return Verdict.Fail.of(Errno.EPERM.number());
      }
      Operation operation =
          call.operation().begin(setsPolicy ? SCHED_SETSCHEDULER : SCHED_SETPARAM).value(thread);
      if (setsPolicy) {
        operation.value(call.intArg(1));
      }
      operation.input(param, Integer.BYTES).onlyIf(() -> call.task().hasUserNamespaceOf(directory));
      return Results.of(
          Results.change(call, call.privilegedSyscalls(Capability.CAP_SYS_NICE.bit()), operation));
    } finally {
      Files.close(directory);
    }
  }

  /// Before Linux 6.11 nobody can say who `pid` is. The kernel knows, and gives a container no more
  /// than it has without us; nothing but registers has been looked at. Others are refused, as they
  /// are where it can be said.
  private static Verdict ofKernel(Call call) {
    return call.task().isCapableInContainer(Capability.CAP_SYS_NICE)
        ? Verdict.CONTINUE
        : Verdict.Fail.of(Errno.EPERM.number());
  }

  /// A thread's directory in proc(5): it does not come to mean another with the same number.
  private static int open(int thread) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
    return Files.openat(OpenFlags.AT_FDCWD, NativeBytes.ofString("/proc/" + thread), flags, 0);
  }

  private boolean isPermitted(Call call, boolean setsPolicy, int wanted) {
    if (!setsPolicy) {
      return wanted <= priority;
    }
    return switch (call.intArg(1) & ~SCHED_RESET_ON_FORK) {
      case SCHED_FIFO, SCHED_RR -> wanted <= priority;
      case SCHED_DEADLINE -> false;
      default -> true; // of use to nobody, or unknown: the kernel says so
    };
  }

  /// The kernel asks for the capability in the user namespace of whom it is about.
  ///
  /// @param thread its directory
  private static boolean isOfContainer(Call call, int thread) {
    return call.task().isCapableInContainer(Capability.CAP_SYS_NICE)
        && call.task().hasUserNamespaceOf(thread);
  }
}
