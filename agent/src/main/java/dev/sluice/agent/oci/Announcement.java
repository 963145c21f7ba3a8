package dev.sluice.agent.oci;

import dev.sluice.supervisor.Supervised;
import dev.sluice.supervisor.policy.choice.Choice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the log says of a container whose listener was handed over.
public final class Announcement {
  private static final Logger LOG = LoggerFactory.getLogger(Announcement.class);

  private Announcement() {}

  /// That it is supervised, and by what.
  public static void of(Supervised supervised) {
    String id = supervised.container().id();
    Choice choice = supervised.choice();
    if (supervised.state() == Supervised.State.NO_POLICY) {
      LOG.error(
          "container {}: every call is refused: there is no policy '{}' ({})",
          id,
          choice.name(),
          choice.reason());
    } else {
      LOG.info(
          "container {}, process {}: policy {} ({})",
          id,
          supervised.pid(),
          choice.name(),
          choice.reason());
    }
  }

  /// LXC's monitor ends when the last process has, or connects again for the next call.
  public static void ofMonitorsEnd(Supervised supervised) {
    LOG.info("container {}: its monitor has hung up", supervised.container().id());
  }

  public static void ofEnd(Supervised supervised) {
    LOG.info("container {}: its last process has ended", supervised.container().id());
  }
}
