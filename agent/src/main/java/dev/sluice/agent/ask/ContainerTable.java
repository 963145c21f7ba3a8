package dev.sluice.agent.ask;

import dev.sluice.agent.terminal.Table;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Containers, a line for each.
final class ContainerTable {
  /// As engines show ids.
  private static final int ID_LENGTH = 12;

  private ContainerTable() {}

  static String of(List<Map<?, ?>> containers) {
    var table =
        new Table(
            "CONTAINER",
            "NAMESPACE",
            "POD",
            "NAME",
            "POLICY",
            "STATE",
            "PID",
            "PENDING",
            "CALLS",
            "REFUSED");
    for (Map<?, ?> each : containers) {
      String id = String.valueOf(each.get("id"));
      Object outcomes = Optional.<Object>ofNullable(each.get("outcomes")).orElse(Map.of());
      Object refused = outcomes instanceof Map<?, ?> map ? map.get("refused") : null;
      table.row(
          List.of(
              shortened(id),
              text(each, "namespace"),
              text(each, "pod"),
              text(each, "name"),
              text(each, "policy"),
              text(each, "state"),
              text(each, "pid"),
              text(each, "pending"),
              text(each, "calls"),
              Objects.requireNonNullElse(refused, 0)));
    }
    return table.toString();
  }

  static String shortened(String id) {
    return id.matches("[0-9a-f]{64}") ? id.substring(0, ID_LENGTH) : id;
  }

  static String text(Map<?, ?> of, String key) {
    return Objects.toString(of.get(key), "");
  }
}
