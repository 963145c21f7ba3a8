package dev.sluice.agent.control;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.Supervised;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The agent that is controlled.
///
/// @param stopTaking takes no container from here on; the agent ends with the last it has
public record Agent(Sluice sluice, Path socket, Runnable stopTaking, Instant since) {
  /// Its containers, each with its listeners: the one it began with first.
  Map<String, List<Supervised>> containers() {
    var containers = new LinkedHashMap<String, List<Supervised>>();
    for (Supervised each : sluice.supervised()) {
      containers.computeIfAbsent(each.container().id(), _ -> new ArrayList<>()).add(each);
    }
    return containers;
  }
}
