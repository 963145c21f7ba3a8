package dev.sluice.supervisor.policy;

import java.util.Map;

/// What a policy may ask of the container its targets are in, under the names the OCI runtime
/// specification has (runtime.md, State). It is known before the first call, so that conditions
/// about it are decided once.
public record Container(String id, String bundle, Map<String, String> annotations) {
  /// For targets that are in none: all texts are empty.
  public static final Container NONE = new Container("", "", Map.of());

  public Container {
    annotations = Map.copyOf(annotations);
  }
}
