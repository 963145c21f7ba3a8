package dev.sluice.agent;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.audit.JsonLines;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// What every command that supervises is told.
final class SupervisorOptions {
  @Option(names = "--policy", required = true, paramLabel = "FILE", description = "the policy")
  private Path policy = Path.of("");

  @Option(
      names = "--audit",
      paramLabel = "FILE",
      description = "write a record of every decision to FILE as JSON lines; - is standard output")
  private Optional<String> audit = Optional.empty();

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "load the handlers in the jars of DIR")
  private Optional<Path> plugIns = Optional.empty();

  @Option(
      names = "--watch",
      description = {
        "decide by the policy anew whenever its file changes; keep the file where the command",
        "cannot write. 'sluice reload' does so once"
      })
  private boolean watch;

  /// A supervisor of that policy, without records: [#audit] opens those once the policy is known to
  /// be right.
  Sluice.Builder builder() {
    var builder = Sluice.policy(policy).reloadable();
    plugIns.ifPresent(builder::plugIns);
    return builder;
  }

  /// Makes sure that the policy is right, and opens the file for the records then.
  void prepare(Sluice.Builder builder) throws PolicyException {
    try {
      builder.compile();
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
    audit.map(SupervisorOptions::openAudit).ifPresent(builder::sink);
  }

  /// Begins to watch the policy's file, if that is wanted.
  void watch(Sluice sluice) throws IOException {
    if (!watch) {
      return;
    }
    if (!sluice.policy().notifies()) {
      throw new UsageException(
          "--watch: the kernel decides all of this policy, so that nobody stays to watch it; name"
              + " the calls that may change under 'dynamic'");
    }
    PolicyWatch.start(policy, sluice);
  }

  private static JsonLines openAudit(String file) {
    if (file.equals("-")) {
      return new JsonLines(new FileOutputStream(FileDescriptor.out), false);
    }
    try {
      return new JsonLines(Files.newOutputStream(Path.of(file)), true);
    } catch (IOException e) {
      throw new UsageException(
          "--audit: \"" + file + "\" cannot be written: " + FileErrors.reason(e));
    }
  }
}
