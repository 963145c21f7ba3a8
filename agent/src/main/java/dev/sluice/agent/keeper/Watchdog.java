package dev.sluice.agent.keeper;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.kernel.SyscallException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the service manager that we are still there, as long as the event loop comes round.
public final class Watchdog {
  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

  private Watchdog() {}

  /// Begins, if that is wanted.
  public static void start(ServiceManager manager, Sluice sluice) {
    manager
        .watchdog()
        .ifPresent(time ->
            Thread.ofPlatform()
                .name("sluice-watchdog")
                .daemon(true)
                .start(() -> run(manager, sluice, time.dividedBy(3))));
  }

  private static void run(ServiceManager manager, Sluice sluice, Duration pause) {
    try {
      while (true) {
        Thread.sleep(pause);
        sluice.awaitLoop();
        tell(manager);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Should that fail, as with EMFILE, there is time for another attempt.
  private static void tell(ServiceManager manager) {
    try {
      manager.alive();
    } catch (SyscallException e) {
      LOG.error("the service manager cannot be told that we are there: {}", e.getMessage());
    }
  }
}
