package dev.sluice.agent.oci;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.SluiceException;
import dev.sluice.supervisor.kernel.FromOthers;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.launch.LaunchException;
import dev.sluice.supervisor.launch.Launcher;
import dev.sluice.supervisor.policy.PolicyException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts commands under our policies for clients who have a terminal, so that no supervisor has to
/// start first. The filter is ours; but who installs it is the client, which is trusted no more
/// than whoever installs that of a container.
public final class Commands {
  private static final Logger LOG = LoggerFactory.getLogger(Commands.class);

  /// Of `sluice run`.
  private static final int USAGE = 2;

  private static final int FAILED = 125;

  /// Each has a listener, which is kept, and a journal.
  private static final int MOST_OF_A_USER = 256;

  private final Sluice sluice;
  private final Predicate<HandOver> attach;

  /// @param attach begins to answer a listener; whether that was possible
  public Commands(Sluice sluice, Predicate<HandOver> attach) {
    this.sluice = sluice;
    this.attach = attach;
  }

  /// Starts one, or says to it why not. A client may take 10 s for each step.
  void start(CommandRequest request) {
    try (var launcher = Launcher.greet(request.launcher(), Request.PATIENCE)) {
      start(request, launcher);
    } catch (LaunchException e) {
      LOG.warn("{} is not started: {}", request.state().container().id(), e.getMessage());
    } catch (SluiceException | SyscallException e) {
      LOG.error("{} is not started: {}", request.state().container().id(), e.getMessage());
    }
  }

  private void start(CommandRequest request, Launcher launcher) throws LaunchException {
    OptionalInt member = request.state().user();
    if (member.isPresent() && supervisedOf(member) >= MOST_OF_A_USER) {
      launcher.abort(FAILED, "your user has " + MOST_OF_A_USER + " commands under this agent");
      return;
    }
    int epoch = sluice.epoch();
    Optional<Launcher.Plan> plan;
    try {
      plan = sluice.plan(launcher, 0, request.handed());
    } catch (PolicyException e) {
      launcher.abort(FAILED, e.diagnostics().getFirst().toString());
      return;
    }
    if (plan.isEmpty()) {
      launcher.abort(USAGE, unknown(request.state().metadata()));
      return;
    }
    int listener = launcher.install(plan.get());
    if (!plan.get().listener()) {
      close(listener);
      launcher.go(); // the kernel does it all
    } else if (isAttached(request, listener) && sluice.epoch() == epoch) {
      launcher.go();
    } else {
      // with the other policy the filter might let through what that decides on
      LOG.warn("{} is not started", request.state().container().id());
      launcher.refuse(FAILED);
    }
  }

  private long supervisedOf(OptionalInt member) {
    return sluice.supervised().stream().filter(each -> each.user().equals(member)).count();
  }

  private boolean isAttached(CommandRequest request, int listener) {
    if (listener >= 0 && HandOver.isListener(listener)) {
      return attach.test(request.withListener(listener));
    }
    close(listener);
    return false;
  }

  private static void close(int fd) {
    if (fd >= 0) {
      FromOthers.close(fd); // whatever it is
    }
  }

  /// No policy is called so, and a plan has not the room for all that a client may say.
  private static String shortened(String name) {
    return name.length() <= Request.MAX_SAID ? name : name.substring(0, Request.MAX_SAID) + "…";
  }

  private static String unknown(String name) {
    return name.isEmpty()
        ? "the agent has no policy for this command: name one with --policy"
        : "the agent has no policy '" + shortened(name) + "'";
  }
}
