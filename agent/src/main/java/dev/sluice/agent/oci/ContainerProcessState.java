package dev.sluice.agent.oci;

import dev.sluice.supervisor.Handed;
import dev.sluice.supervisor.Supervised;
import dev.sluice.supervisor.policy.Container;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// What a runtime says of the process whose listener it hands over. Keys beyond these are other
/// runtimes' own.
///
/// @param fds what the descriptors are that come with it, in their order
/// @param pid the process; 0 where crun hands over that of an exec
/// @param metadata `listenerMetadata` of the profile
/// @param user who has it as one of a group; empty if it was handed over by whom we trust. We say
///   so ourselves, to whoever comes after us
public record ContainerProcessState(
    List<String> fds, int pid, String metadata, Container container, OptionalInt user) {
  /// The one that has to be there, of a container.
  public static final String SECCOMP_FD = "seccompFd";

  /// The one of a command.
  public static final String LAUNCHER = "sluiceLauncher";

  private static final String COMMAND = "dev.sluice.command";
  private static final String USER = "dev.sluice.user";
  private static final String MEMBER = "sluiceUser";
  private static final int NAME_MAX = 255;

  private static final JsonFactory JSON = new JsonFactory();

  public ContainerProcessState {
    fds = List.copyOf(fds);
  }

  /// What the supervisor is to know. Runtimes do not say whether they asked for WAIT_KILLABLE_RECV;
  /// launchers are told to. One that did not can lose its own calls, and nothing else.
  ///
  /// @param process a pidfd of that process, or -1
  Handed handed(int process) {
    boolean isOurs = fds.contains(LAUNCHER);
    boolean told = isOurs || (user.isEmpty() && BundleProfile.tellsOfChanges(container.bundle()));
    return new Handed(
        container, metadata, pid, process, isOurs, told, Supervised.State.SUPERVISED, user);
  }

  ContainerProcessState in(int process) {
    return new ContainerProcessState(fds, process, metadata, container, user);
  }

  /// What is left of it when a member of the group says it, who is believed no more than what is to
  /// be executed under which policy: a name of ours, which no container has, and no annotations.
  ContainerProcessState of(int member, int process) {
    String id = "run-%d-%08x".formatted(process, ThreadLocalRandom.current().nextInt());
    String command = container.annotations().getOrDefault(COMMAND, "");
    var annotations =
        Map.of(
            COMMAND,
            command.substring(0, Math.min(command.length(), NAME_MAX)),
            USER,
            Integer.toUnsignedString(member));
    return new ContainerProcessState(
        List.of(LAUNCHER),
        process,
        metadata,
        new Container(id, "", annotations),
        OptionalInt.of(member));
  }

  /// What [#parse] makes the same of.
  String toJson() {
    var text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeArrayPropertyStart("fds");
      fds.forEach(json::writeString);
      json.writeEndArray();
      json.writeNumberProperty("pid", pid);
      json.writeStringProperty("metadata", metadata);
      user.ifPresent(member -> json.writeNumberProperty(MEMBER, member));
      json.writeObjectPropertyStart("state");
      json.writeStringProperty("id", container.id());
      json.writeObjectPropertyStart("annotations");
      container.annotations().forEach(json::writeStringProperty);
      json.writeEndObject();
      json.writeEndObject();
      json.writeEndObject();
    }
    return text.toString();
  }

  /// Throws [IllegalArgumentException] saying what is wrong.
  static ContainerProcessState parse(byte[] json, int length) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json, 0, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("the state is no JSON object");
      }
      return parse(parser);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the state is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static ContainerProcessState parse(JsonParser parser) {
    var fds = new ArrayList<String>();
    int pid = 0;
    String metadata = "";
    Container container = Container.NONE;
    OptionalInt user = OptionalInt.empty();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = parser.currentName();
      if (parser.nextToken() == JsonToken.VALUE_NULL) {
        continue; // as if it were not there
      }
      switch (key) {
        case "fds" -> {
          expect(JsonToken.START_ARRAY, parser, key);
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            fds.add(string(parser, key));
          }
        }
        case "pid" -> pid = number(parser, key);
        case "metadata" -> metadata = string(parser, key);
        case MEMBER -> user = OptionalInt.of(number(parser, key));
        case "state" -> container = state(parser, key);
        default -> parser.skipChildren();
      }
    }
    return new ContainerProcessState(fds, pid, metadata, container, user);
  }

  private static Container state(JsonParser parser, String state) {
    String id = "";
    String bundle = "";
    Map<String, String> annotations = Map.of();
    expect(JsonToken.START_OBJECT, parser, state);
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = parser.currentName();
      if (parser.nextToken() == JsonToken.VALUE_NULL) {
        continue;
      }
      switch (key) {
        case "id" -> id = string(parser, key);
        case "bundle" -> bundle = string(parser, key);
        case "annotations" -> annotations = strings(parser, key);
        default -> parser.skipChildren();
      }
    }
    return new Container(id, bundle, annotations);
  }

  private static Map<String, String> strings(JsonParser parser, String object) {
    var strings = new LinkedHashMap<String, String>();
    expect(JsonToken.START_OBJECT, parser, object);
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      strings.put(key, string(parser, key));
    }
    return strings;
  }

  private static String string(JsonParser parser, String key) {
    expect(JsonToken.VALUE_STRING, parser, key);
    return parser.getString();
  }

  private static int number(JsonParser parser, String key) {
    expect(JsonToken.VALUE_NUMBER_INT, parser, key);
    return parser.getIntValue();
  }

  /// By each of these a policy may be chosen, or who is killed: one that is not understood must not
  /// pass for one that is not there.
  private static void expect(JsonToken expected, JsonParser parser, String key) {
    if (parser.currentToken() != expected) {
      throw new IllegalArgumentException("the state's '" + key + "' is not what the OCI says");
    }
  }
}
