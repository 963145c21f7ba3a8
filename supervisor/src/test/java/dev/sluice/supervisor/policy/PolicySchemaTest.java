package dev.sluice.supervisor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.sluice.supervisor.policy.inspect.PolicySchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The published schema accepts what the reader accepts, and refuses what it refuses.
class PolicySchemaTest {
  private static final JsonSchema SCHEMA =
      JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(PolicySchema.text());

  /// What the value of a key may be, or may not.
  private static final List<String> VALUES =
      List.of(
          "null",
          "\"\"",
          "\"x\"",
          "\"all\"",
          "\"allow\"",
          "\"deny\"",
          "\"kill\"",
          "\"redirect\"",
          "\"EACCES\"",
          "\"EWOULDBLOCK\"",
          "\"thread\"",
          "\"process\"",
          "\"continue\"",
          "\"emulated\"",
          "\"v1\"",
          "\"v2\"",
          "\"always\"",
          "\"exact\"",
          "\"x86_64\"",
          "\"X86_64\"",
          "\"openat\"",
          "\"@open\"",
          "\"@opne\"",
          "\"60s\"",
          "\"5\"",
          "\"directory\"",
          "\"nothing\"",
          "\"default\"",
          "\" guard \"",
          "\"a\\u0000b\"",
          "0",
          "-1",
          "65535",
          "65536",
          "9223372036854775807",
          "9223372036854775808",
          "true",
          "[]",
          "{}",
          "[\"openat\", \"@mount\"]",
          "[\"openat\", \"x\"]",
          "[\"deny\", \"all\"]",
          "[\"i386\", \"aarch64\"]",
          "[null]",
          "[{}]",
          "[{\"on\": \"dup\", \"allow\": null}]",
          "[{\"on\": \"dup\"}]",
          "{\"a\": \"b\"}",
          "{\"a\": null}",
          "{\"handler\": \"mount\", \"images\": \"read-only\"}",
          "{\"handler\": {}}",
          "{\"deny\": \"EIO\"}",
          "{\"deny\": \"EIO\", \"allow\": null}",
          "{\"deny\": \"EIO\", \"audit\": \"always\"}",
          "{\"ask\": {}}",
          "{\"kill\": \"thread\"}",
          "{\"record\": \"all\"}",
          "{\"record\": [\"deny\", \"ask\"]}",
          "{\"record\": \"x\"}",
          "{\"arguments\": \"argv\"}",
          "{\"arguments\": [\"env\", \"data\"]}",
          "{\"arguments\": [\"envp\"]}",
          "{\"timeout\": \"60s\", \"otherwise\": \"EIO\", \"remember\": \"path\"}",
          "{\"timeout\": \"60\"}",
          "{\"otherwise\": \"x\"}",
          "{\"remember\": \"x\"}",
          "{\"content\": \"x\"}",
          "{\"content\": 1}",
          "{\"content\": \"x\", \"file\": \"y\"}",
          "{\"template\": \"${a}\"}",
          "{\"template\": {}}",
          "\"10/s\"",
          "\"0/s\"",
          "\"10/m\"",
          "\"999999999/min\"",
          "{\"rate\": \"1/h\", \"burst\": 5, \"otherwise\": \"EIO\"}",
          "{\"rate\": \"1/h\", \"burst\": 0}",
          "{\"rate\": \"1/h\", \"burst\": 1000001}",
          "{\"rate\": \"1/h\", \"otherwise\": \"x\"}",
          "{\"rate\": 1}",
          "{\"burst\": 5}",
          "\"0s\"",
          "\"1m\"",
          "\"1h\"",
          "{\"after\": \"30s\", \"otherwise\": \"ETIMEDOUT\"}",
          "{\"after\": \"30s\", \"otherwise\": 5}",
          "{\"after\": \"30s\", \"before\": \"30s\"}",
          "{\"after\": 30}");

  private static final List<String> KEYS_OF_A_POLICY =
      List.of(
          "sluice",
          "name",
          "default",
          "vars",
          "rules",
          "audit",
          "dynamic",
          "architectures",
          "require",
          "deadline",
          "unknown");

  private static final List<String> ACTIONS_AND_UNKNOWN =
      List.of(
          "allow",
          "deny",
          "return",
          "emulate",
          "redirect",
          "serve",
          "read-only",
          "hide",
          "ask",
          "kill",
          "trap",
          "trace",
          "log",
          "unknown");

  private static final List<String> OTHER_KEYS_OF_A_RULE =
      List.of("name", "on", "when", "limit", "audit", "unsafe", "unknown");

  static Stream<String> documents() {
    var all = new ArrayList<>(List.of("null", "[]", "\"x\"", "{}", "{\"sluice\": \"v1\"}"));
    for (String value : VALUES) {
      for (String key : KEYS_OF_A_POLICY) {
        all.add("{" + policy(key, "\"" + key + "\": " + value) + "}");
      }
      for (String action : ACTIONS_AND_UNKNOWN) {
        all.add(rule("{\"on\": \"dup\", \"" + action + "\": " + value + "}"));
        all.add(rule("{\"on\": \"dup\", \"allow\": null, \"" + action + "2\": " + value + "}"));
        all.add(rule("{\"" + action + "\": " + value + "}"));
        all.add(rule("{\"on\": \"dup\", \"limit\": \"1/s\", \"" + action + "\": " + value + "}"));
      }
      for (String key : OTHER_KEYS_OF_A_RULE) {
        String on = key.equals("on") ? "" : "\"on\": \"dup\", ";
        all.add(rule("{" + on + "\"allow\": null, \"" + key + "\": " + value + "}"));
      }
    }
    for (String one : ACTIONS_AND_UNKNOWN) {
      for (String other : ACTIONS_AND_UNKNOWN) {
        if (!one.equals(other)) {
          all.add(rule("{\"on\": \"dup\", \"" + one + "\": 1, \"" + other + "\": 1}"));
        }
      }
    }
    return all.stream();
  }

  private static String policy(String without, String more) {
    String version = without.equals("sluice") ? "" : "\"sluice\": \"v1\", ";
    String rules = without.equals("rules") || without.equals("default") ? "" : "\"rules\": [], ";
    return version + rules + more;
  }

  private static String rule(String rule) {
    return "{\"sluice\": \"v1\", \"rules\": [" + rule + "]}";
  }

  private static boolean isRead(String json, List<Diagnostic> diagnostics) {
    return PolicyReader.read("p.yaml", json, Map.of("a", "b"), diagnostics).isPresent();
  }

  @Test
  void theSchemaAndTheReaderAgree() {
    var apart = new ArrayList<String>();
    int[] accepted = new int[2];
    documents()
        .forEach(document -> {
          var diagnostics = new ArrayList<Diagnostic>();
          boolean read = isRead(document, diagnostics);
          var complaints = SCHEMA.validate(document, InputFormat.JSON);
          accepted[read ? 1 : 0]++;
          if (read != complaints.isEmpty()) {
            apart.add(document + " reader: " + diagnostics + " schema: " + complaints);
          }
        });

    assertThat(apart).isEmpty();
    assertThat(accepted[0]).as("documents that are wrong").isGreaterThan(1000);
    assertThat(accepted[1]).as("documents that are right").isGreaterThan(200);
  }

  /// Whatever key the reader knows, the schema does, since it refuses all others.
  @Test
  void theReaderKnowsNoOtherKeys() {
    var diagnostics = new ArrayList<Diagnostic>();
    isRead("{\"sluice\": \"v1\", \"rules\": [{\"qqqqqq\": 1}], \"qqqqqq\": 1}", diagnostics);
    List<String> complaints = diagnostics.stream().map(Diagnostic::message).toList();

    assertThat(complaints)
        .contains(
            "unknown key 'qqqqqq' in a policy; it takes "
                + String.join(", ", KEYS_OF_A_POLICY.subList(0, KEYS_OF_A_POLICY.size() - 1)))
        .anyMatch(message ->
            message.startsWith("unknown key 'qqqqqq' in a rule; it takes ")
                && Stream.concat(ACTIONS_AND_UNKNOWN.stream(), OTHER_KEYS_OF_A_RULE.stream())
                    .filter(key -> !key.equals("unknown"))
                    .allMatch(message::contains)
                && message.split(", ", -1).length
                    == ACTIONS_AND_UNKNOWN.size() + OTHER_KEYS_OF_A_RULE.size() - 2);
  }

  static Stream<Path> shipped() throws IOException {
    try (var files = Files.list(Path.of("..", "policies"))) {
      return files.filter(file -> file.toString().matches(".*/[^.]+\\.yaml")).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void thePoliciesThatAreShippedAreValid(Path file) throws IOException {
    assertThat(SCHEMA.validate(Files.readString(file), InputFormat.YAML)).isEmpty();
  }
}
