package dev.sluice.agent.lxc;

import dev.sluice.agent.oci.Announcement;
import dev.sluice.supervisor.Handed;
import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.SluiceException;
import dev.sluice.supervisor.Supervised;
import dev.sluice.supervisor.Supervised.State;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.PolicyException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Containers whose monitors pass their calls on. Each is known by its name.
public final class LxcContainers {
  private static final Logger LOG = LoggerFactory.getLogger(LxcContainers.class);

  private final Sluice sluice;

  /// What is imposed on a container, by its first process: a monitor that connects again is not to
  /// lift it.
  private final Map<Init, State> imposed = new ConcurrentHashMap<>();

  /// The first process of a container. Its number may be another's one day.
  private record Init(int pid, Optional<Instant> started) {
    static Init of(int pid) {
      return new Init(pid, ProcessHandle.of(pid).flatMap(process -> process.info().startInstant()));
    }

    boolean isThere() {
      return equals(of(pid));
    }
  }

  public LxcContainers(Sluice sluice) {
    this.sluice = sluice;
  }

  /// Begins to answer the calls of one.
  void attach(MonitorConnection connection, ProxyMessage message) {
    Container container = container(message);
    var init = Init.of(message.init());
    var handed =
        new Handed(
            container,
            message.cookie(),
            message.init(),
            false, // the monitor does not say
            imposed.getOrDefault(init, State.SUPERVISED));
    try {
      Supervised supervised = sluice.attach(connection, handed);
      supervised.onState(state -> note(init, state));
      Announcement.of(supervised);
      // not on the event loop
      var _ = supervised.ended().thenRunAsync(() -> end(supervised, init));
    } catch (PolicyException e) {
      // its calls fail with ENOSYS now
      LOG.error("container {} has no policy: {}", container.id(), e.getMessage());
    } catch (SluiceException e) {
      LOG.error("container {} is not supervised: {}", container.id(), e.getMessage());
    }
  }

  private void end(Supervised supervised, Init init) {
    Announcement.ofMonitorsEnd(supervised);
    if (!init.isThere()) {
      imposed.remove(init);
    }
  }

  private void note(Init init, State state) {
    if (state.isImposed()) {
      imposed.put(init, state);
    } else {
      imposed.remove(init);
    }
  }

  private static Container container(ProxyMessage message) {
    return MonitorName.of(message.monitor())
        .map(known -> new Container(known.name(), known.directory(), Map.of()))
        .orElseGet(() -> new Container("lxc-" + message.init(), "", Map.of()));
  }
}
