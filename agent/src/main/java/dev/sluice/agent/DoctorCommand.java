package dev.sluice.agent;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `sluice doctor`: what this kernel and user can do.
@Command(
    name = "doctor",
    description = "Says what this kernel and user can do, and what follows from what they cannot.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return 0;
  }
}
