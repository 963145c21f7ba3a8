package dev.sluice.supervisor.handler.hide;

import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.HiddenNames;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;

/// getdents64 and getdents without the names that are hidden: read from a copy of the caller's own
/// descriptor, which shares its offset, and written to its memory. Never on the event loop: to read
/// a directory may mean to wait for a disk.
public final class Listing implements Emulation {
  private final HiddenNames hidden;

  public Listing(HiddenNames hidden) {
    this.hidden = hidden;
  }

  @Override
  public String name() {
    return "list";
  }

  @Override
  public boolean remembers() {
    return false;
  }

  @Override
  public Verdict perform(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    int directory = call.task().copyDescriptor(call.intArg(0));
    if (directory < 0) {
      return Verdict.Fail.of(-directory);
    }
    try {
      return Results.of(new FilteredDirectory(call, directory, hidden).list());
    } finally {
      Files.close(directory); // before the answer: the caller's own close(2) must be the last
    }
  }
}
