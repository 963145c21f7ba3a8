package dev.sluice.agent.oci;

import dev.sluice.supervisor.policy.PolicyCompiler;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// The profile of a container, as it stands in the `config.json` of its bundle (OCI runtime
/// specification, `linux.seccomp`): what its filter was made of.
final class BundleProfile {
  private static final long MAX_BYTES = 4 << 20;

  /// Containers have few profiles, and to compile one takes some milliseconds.
  private static final int MAX_KNOWN = 64;

  private static final JsonFactory JSON = new JsonFactory();
  private static final Map<String, Boolean> KNOWN = new ConcurrentHashMap<>();

  private BundleProfile() {}

  /// Whether the filter notifies, or refuses, every call that changes who its caller is; not if
  /// that cannot be told.
  static boolean tellsOfChanges(String bundle) {
    if (bundle.isEmpty()) {
      return false;
    }
    try {
      Path config = Path.of(bundle, "config.json");
      if (!Files.isRegularFile(config, LinkOption.NOFOLLOW_LINKS)
          || Files.size(config) > MAX_BYTES) {
        return false;
      }
      return seccomp(config).map(BundleProfile::isTold).orElse(false);
    } catch (IOException | JacksonException | InvalidPathException unknown) {
      return false; // callers are looked at anew then, which only takes longer
    }
  }

  private static boolean isTold(String profile) {
    if (KNOWN.size() >= MAX_KNOWN) {
      KNOWN.clear();
    }
    return KNOWN.computeIfAbsent(
        profile, text -> PolicyCompiler.profileTellsOfChanges("config.json", text));
  }

  /// The object `linux.seccomp`.
  private static Optional<String> seccomp(Path config) throws IOException {
    try (JsonParser parser =
        JSON.createParser(ObjectReadContext.empty(), Files.readString(config))) {
      if (parser.nextToken() != JsonToken.START_OBJECT
          || !enter(parser, "linux")
          || !enter(parser, "seccomp")) {
        return Optional.empty();
      }
      var text = new StringWriter();
      try (JsonGenerator copy = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
        copy.copyCurrentStructure(parser);
      }
      return Optional.of(text.toString());
    }
  }

  /// Whether the object that the parser has begun has another under `name`, which it has begun
  /// then.
  private static boolean enter(JsonParser parser, String name) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean isIt = parser.currentName().equals(name);
      JsonToken value = parser.nextToken();
      if (isIt) {
        return value == JsonToken.START_OBJECT;
      }
      parser.skipChildren();
    }
    return false;
  }
}
