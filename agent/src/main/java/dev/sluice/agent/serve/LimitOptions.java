package dev.sluice.agent.serve;

import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.SluiceBuilder;
import dev.sluice.supervisor.kernel.Errno;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/// What one container may have, so that others have the rest.
final class LimitOptions {
  private static final String WAIT = "wait";
  private static final int MOST = 1024;

  @Option(
      names = "--max-pending",
      paramLabel = "N",
      description =
          "how many calls of one container may wait or be performed at once, each with a thread:"
              + " 1 to 1024; ${DEFAULT-VALUE} if not given")
  private int maxPending = 256;

  @Option(
      names = "--overload",
      paramLabel = "ERRNO|wait",
      description =
          "the error that its calls beyond that fail with, or 'wait': then all its calls wait until"
              + " there is room; ${DEFAULT-VALUE} if not given")
  private String overload = "EAGAIN";

  void apply(SluiceBuilder builder) {
    if (maxPending < 1 || maxPending > MOST) {
      throw new UsageException("--max-pending is 1 to " + MOST + ", not " + maxPending);
    }
    builder.pending(maxPending, errno());
  }

  private OptionalInt errno() {
    if (overload.equals(WAIT)) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(
        Errno.named(overload)
            .orElseThrow(() ->
                new UsageException(
                    "--overload is 'wait' or the name of an error, such as EAGAIN, not '"
                        + overload
                        + "'"))
            .number());
  }
}
