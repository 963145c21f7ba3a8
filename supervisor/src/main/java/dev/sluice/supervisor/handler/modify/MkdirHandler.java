package dev.sluice.supervisor.handler.modify;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Set;

/// mkdir, mkdirat: in the very directory the decision was made on.
public final class MkdirHandler implements SyscallHandler {
  static final Set<String> CALLS = Set.of("mkdir", "mkdirat");

  private static final int MKDIRAT = Numbers.of("mkdirat");

  @Override
  public String name() {
    return "mkdir";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Verdict handle(Call call, Context context) {
    PathArgument path = Paths.name(call, 0);
    int mode = call.intArg(call.name().equals("mkdirat") ? 2 : 1);
    return Results.changed(
        call,
        path,
        call.operation()
            .begin(MKDIRAT)
            .descriptor(path.parent())
            .string(path.givenName())
            .value(mode & 0xffff)
            .under(call.task().umask()));
  }
}
