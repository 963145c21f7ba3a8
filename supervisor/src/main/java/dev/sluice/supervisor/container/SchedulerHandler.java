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
///
/// Who is not entitled to that, and what is about other processes or policies, is for the kernel to
/// decide, as it is without us: whatever the call points to by then, it gives nobody more. So
/// nothing but registers is looked at before.
public final class SchedulerHandler implements SyscallHandler {
  private static final Set<String> CALLS = Set.of("sched_setscheduler", "sched_setparam");
  private static final int SCHED_SETSCHEDULER = Numbers.of("sched_setscheduler");
  private static final int SCHED_SETPARAM = Numbers.of("sched_setparam");

  /// linux/sched.h: those that take no more than a priority.
  private static final int SCHED_OTHER = 0;

  private static final int SCHED_FIFO = 1;
  private static final int SCHED_RR = 2;
  private static final int SCHED_BATCH = 3;
  private static final int SCHED_IDLE = 5;
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
    int pid = call.intArg(0);
    if (pid < 0
        || (setsPolicy && !isKnown(policy(call)))
        || !call.task().isCapableInContainer(Capability.CAP_SYS_NICE)) {
      return Verdict.CONTINUE;
    }
    // before Linux 6.11 nobody can say who another than 0 is
    int thread = pid == 0 ? call.tid() : call.task().translate(pid);
    int directory = thread < 0 ? thread : open(thread);
    if (directory < 0) {
      return Verdict.CONTINUE;
    }
    try {
      // the kernel asks for the capability in the user namespace of whom it is about
      return call.task().hasUserNamespaceOf(directory)
          ? set(call, setsPolicy, thread, directory)
          : Verdict.CONTINUE;
    } finally {
      Files.close(directory);
    }
  }

  private Verdict set(Call call, boolean setsPolicy, int thread, int directory) {
    long parameter = call.arg(setsPolicy ? 2 : 1);
    if (parameter == 0) {
      return Verdict.CONTINUE;
    }
    NativeBytes param = NativeBytes.allocate(Integer.BYTES); // struct sched_param
    call.memory().copy(parameter, param, Integer.BYTES);
    boolean mayBeRealTime = !setsPolicy || policy(call) == SCHED_FIFO || policy(call) == SCHED_RR;
    if (mayBeRealTime && param.getInt(0) > priority) {
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
  }

  private static int policy(Call call) {
    return call.intArg(1) & ~SCHED_RESET_ON_FORK;
  }

  private static boolean isKnown(int policy) {
    return switch (policy) {
      case SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE -> true;
      default -> false;
    };
  }

  /// A thread's directory in proc(5): it does not come to mean another with the same number.
  private static int open(int thread) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
    return Files.openat(OpenFlags.AT_FDCWD, NativeBytes.ofString("/proc/" + thread), flags, 0);
  }
}
