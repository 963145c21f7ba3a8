package dev.sluice.agent.control;

import dev.sluice.supervisor.Load;
import dev.sluice.supervisor.Supervised;
import dev.sluice.supervisor.audit.AuditRecord.Outcome;
import dev.sluice.supervisor.listener.PendingCall;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.choice.PolicyFiles;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;

/// What the agent says of itself, as `control.yaml` describes it.
final class StateJson {
  private record Pending(String container, PendingCall call) {}

  private final Agent agent;

  StateJson(Agent agent) {
    this.agent = agent;
  }

  String status(boolean draining) {
    Load load = agent.sluice().load();
    var supervised = agent.sluice().supervised();
    return Json.object(json -> {
      json.writeNumberProperty("pid", ProcessHandle.current().pid());
      json.writeStringProperty("since", agent.since().toString());
      json.writeStringProperty("socket", agent.socket().toString());
      json.writeBooleanProperty("draining", draining);
      json.writeNumberProperty("containers", agent.containers().size());
      json.writeNumberProperty("listeners", supervised.size());
      json.writeNumberProperty(
          "pending", supervised.stream().mapToInt(each -> each.pending().size()).sum());
      json.writeNumberProperty("epoch", agent.sluice().epoch());
      json.writeBooleanProperty("reloadFailed", agent.sluice().reloadFailed());
      json.writeNumberProperty("policies", agent.sluice().policies().all().size());
      json.writeNumberProperty("workerProcesses", load.workerProcesses());
      json.writeNumberProperty("workersStarted", load.workersStarted());
      json.writeNumberProperty("recordsLost", load.recordsLost());
    });
  }

  String policies() {
    return Json.array(
        agent.sluice().policies().all(),
        (json, source) -> {
          json.writeStringProperty("name", source.name());
          json.writeStringProperty("file", source.file().toString());
          json.writeNumberProperty("containers", users(source));
        });
  }

  private long users(PolicyFiles.Source source) {
    return agent.containers().values().stream()
        .filter(listeners -> listeners.getFirst().choice().name().equals(source.name()))
        .count();
  }

  String containers() {
    return Json.array(agent.containers().values(), StateJson::container);
  }

  static String container(List<Supervised> listeners) {
    return Json.object(json -> {
      container(json, listeners);
      json.writeArrayPropertyStart("counts");
      listeners
          .getFirst()
          .counts()
          .counts()
          .forEach((key, count) -> {
            json.writeStartObject();
            json.writeStringProperty("syscall", key.syscall());
            json.writeStringProperty("rule", key.rule());
            json.writeStringProperty("outcome", lower(key.outcome()));
            json.writeNumberProperty("count", count);
            json.writeEndObject();
          });
      json.writeEndArray();
    });
  }

  private static void container(JsonGenerator json, List<Supervised> listeners) {
    Supervised first = listeners.getFirst();
    Container container = first.container();
    json.writeStringProperty("id", container.id());
    json.writeStringProperty("namespace", container.namespace());
    json.writeStringProperty("pod", container.pod());
    json.writeStringProperty("name", container.name());
    json.writeStringProperty("image", container.image());
    json.writeNumberProperty("pid", first.pid());
    json.writeStringProperty("since", first.since().toString());
    json.writeStringProperty("state", lower(first.state()));
    json.writeStringProperty("policy", first.choice().name());
    json.writeStringProperty("chosenBy", first.choice().reason());
    json.writeNumberProperty("listeners", listeners.size());
    json.writeNumberProperty(
        "pending", listeners.stream().mapToInt(each -> each.pending().size()).sum());
    json.writeNumberProperty("maxPending", first.maxPending());
    json.writeNumberProperty("calls", first.counts().latencies().count());
    json.writeObjectPropertyStart("outcomes");
    outcomes(first).forEach((outcome, count) -> json.writeNumberProperty(lower(outcome), count));
    json.writeEndObject();
  }

  private static Map<Outcome, Long> outcomes(Supervised container) {
    var outcomes = new TreeMap<Outcome, Long>();
    container
        .counts()
        .counts()
        .forEach((key, count) -> outcomes.merge(key.outcome(), count, Long::sum));
    return outcomes;
  }

  String listeners() {
    return Json.array(
        agent.sluice().supervised(),
        (json, each) -> {
          json.writeStringProperty("container", each.container().id());
          json.writeNumberProperty("pid", each.pid());
          json.writeStringProperty("since", each.since().toString());
          json.writeStringProperty("state", lower(each.state()));
          json.writeStringProperty("policy", each.choice().name());
          json.writeNumberProperty("pending", each.pending().size());
        });
  }

  String pending() {
    List<Pending> all =
        agent.sluice().supervised().stream()
            .flatMap(each ->
                each.pending().stream().map(call -> new Pending(each.container().id(), call)))
            .toList();
    return Json.array(
        all,
        (json, each) -> {
          json.writeStringProperty("container", each.container);
          json.writeNumberProperty("tid", each.call.tid());
          json.writeStringProperty("syscall", each.call.syscall());
          json.writeStringProperty("rule", each.call.rule());
          json.writeNumberProperty("seconds", each.call.waitedNanos() / 1e9);
        });
  }

  static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
