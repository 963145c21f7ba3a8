package dev.sluice.supervisor;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import java.util.Set;
import java.util.function.Function;

/// A handler that a program gives as a function.
record FunctionHandler(String name, Set<String> syscalls, Function<Call, Verdict> decide)
    implements SyscallHandler {
  @Override
  public Verdict handle(Call call, Context context) {
    return decide.apply(call);
  }
}
