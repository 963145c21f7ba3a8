package dev.sluice.agent.control;

import dev.sluice.supervisor.Supervised;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// What can be asked of the agent, and told to it: `control.yaml`. Called on threads that may wait.
final class Api {
  private static final String CONTAINERS = "/v1/containers/";

  private final Agent agent;
  private final StateJson state;
  private final MetricsText metrics;
  private final AtomicBoolean draining = new AtomicBoolean();

  Api(Agent agent) {
    this.agent = agent;
    this.state = new StateJson(agent);
    this.metrics = new MetricsText(agent);
  }

  /// Whether anybody may know it, as what looks after the agent does.
  static boolean isOpen(String path) {
    return path.equals("/healthz") || path.equals("/readyz");
  }

  Answer answer(String method, String path, byte[] body) {
    if (path.startsWith(CONTAINERS)) {
      List<String> parts = List.of(path.substring(CONTAINERS.length()).split("/", -1));
      Optional<String> id = decode(parts.getFirst());
      return id.isPresent()
          ? ofContainer(method, id.get(), parts.subList(1, parts.size()), body)
          : Answer.error(400, "'" + parts.getFirst() + "' is not percent-encoded as it must be");
    }
    return switch (path) {
      case "/v1/reload", "/v1/drain" -> method.equals("POST") ? order(path) : notAllowed("POST");
      default -> method.equals("GET") ? page(path) : notAllowed("GET");
    };
  }

  private Answer page(String path) {
    return switch (path) {
      case "/healthz" -> Answer.text(200, "ok\n");
      case "/readyz" ->
          draining.get() ? Answer.text(503, "draining\n") : Answer.text(200, "ready\n");
      case "/metrics" -> new Answer(200, MetricsText.TYPE, metrics.write());
      case "/openapi.yaml" -> Answer.of(200, "application/yaml", document());
      case "/v1/status" -> Answer.json(state.status(draining.get()));
      case "/v1/policies" -> Answer.json(state.policies());
      case "/v1/containers" -> Answer.json(state.containers());
      case "/v1/listeners" -> Answer.json(state.listeners());
      case "/v1/pending" -> Answer.json(state.pending());
      default -> Answer.error(404, "there is no " + path);
    };
  }

  private Answer order(String path) {
    if (path.equals("/v1/drain")) {
      draining.set(true);
      agent.stopTaking().run();
      return Answer.json(state.status(true));
    }
    try {
      agent.sluice().reload();
      return Answer.json(state.status(draining.get()));
    } catch (PolicyException e) {
      return Answer.error(422, String.valueOf(e.getMessage()));
    }
  }

  private Answer ofContainer(String method, String prefix, List<String> rest, byte[] body) {
    if (prefix.isEmpty()) { // those of which nothing is known are not one container
      return Answer.error(400, "a container is named by its id, or by how that begins");
    }
    var found = new ArrayList<List<Supervised>>();
    agent
        .containers()
        .forEach((id, listeners) -> {
          if (id.equals(prefix)) {
            found.addFirst(listeners);
          } else if (id.startsWith(prefix)) {
            found.add(listeners);
          }
        });
    if (found.isEmpty()) {
      return Answer.error(404, "there is no container '" + prefix + "'");
    }
    String id = found.getFirst().getFirst().container().id();
    if (found.size() > 1 && !id.equals(prefix)) {
      return Answer.error(
          409, "'" + prefix + "' begins the ids of " + found.size() + " containers");
    }
    return switch (method + " " + String.join("/", rest)) {
      case "GET " -> Answer.json(StateJson.container(found.getFirst()));
      case "POST kill" -> done(found.getFirst(), agent.sluice().kill(id));
      case "POST quarantine" -> done(found.getFirst(), agent.sluice().quarantine(id, true));
      case "DELETE quarantine" -> done(found.getFirst(), agent.sluice().quarantine(id, false));
      case "POST explain" -> explain(found.getFirst().getFirst(), body);
      default -> Answer.error(404, "a container has no " + method + " " + String.join("/", rest));
    };
  }

  /// @param container which may have ended by now, killed
  private static Answer done(List<Supervised> container, boolean wasThere) {
    return wasThere
        ? Answer.json(StateJson.container(container))
        : Answer.error(404, "the container has just ended");
  }

  private static Answer explain(Supervised container, byte[] body) {
    if (container.state() != Supervised.State.SUPERVISED) {
      return Answer.text(
          200,
          "every call fails or kills: the container is "
              + StateJson.lower(container.state())
              + "\n");
    }
    try {
      return Answer.text(200, Question.read(body).explain(container.policy()));
    } catch (IllegalArgumentException e) {
      return Answer.error(400, String.valueOf(e.getMessage()));
    }
  }

  private static Answer notAllowed(String method) {
    return Answer.error(405, "only " + method + " is allowed here");
  }

  private static Optional<String> decode(String part) {
    try {
      return Optional.of(URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException wrong) {
      return Optional.empty();
    }
  }

  private static String document() {
    try (InputStream in = Api.class.getResourceAsStream("/openapi/control.yaml")) {
      if (in == null) {
        throw new IllegalStateException("openapi/control.yaml is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
