package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.agent.control.ControlClient;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which policy of a directory decides for a container; each of them returns another number.
final class PolicyChoiceTest {
  private static final String CRI = "\"io.kubernetes.cri.sandbox-namespace\":\"ci-1\"";
  private static final String LABELS =
      "\"io.kubernetes.pod.namespace\":\"ci-1\",\"io.kubernetes.cri-o.Labels\":\"{\\\"tier\\\":\\\"build\\\"}\"";
  private static final String IMAGE =
      "\"io.kubernetes.cri.image-name\":\"registry.example/a/trusted:1\"";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private void policies(String annotation) {
    String[] names = {"first", "second", "third", "fourth"};
    for (int i = 0; i < names.length; i++) {
      policy(names[i], "{on: getppid, return: " + (i + 1) + "}");
    }
    sandbox.file(
        "policies/choice.yaml",
        """
        sluice: choice-v1
        annotation: %s
        choose:
          - { namespace: "ci-*", labels: { tier: build }, policy: second }
          - { image: "**/trusted:*", policy: third }
        default: fourth
        """
            .formatted(annotation));
  }

  private Path policy(String name, String rule) {
    return sandbox.file("policies/" + name + ".yaml", "sluice: v1\nrules:\n  - " + rule + "\n");
  }

  private Agent agent() {
    return Agent.start(sandbox, "--policies", sandbox.path("policies").toString());
  }

  @Test
  void metadataComesFirstThenTheAnnotationThenWhatKubernetesCallsItThenTheDefault() {
    policies("trusted");
    String annotation = "\"dev.sluice.policy\":\"third\"";
    try (Agent agent = agent()) {
      assertThat(decides(agent, "a", "first", annotation)).isEqualTo("1");
      assertThat(decides(agent, "b", "", annotation + "," + LABELS)).isEqualTo("3");
      agent.process().awaitError("policy third (annotation dev.sluice.policy)");
      assertThat(decides(agent, "c", "", LABELS)).isEqualTo("2");
      assertThat(decides(agent, "d", "", IMAGE)).isEqualTo("3");
      assertThat(decides(agent, "e", "", CRI)).isEqualTo("4");
      agent.process().awaitError("container c, process");
      agent.process().awaitError("policy second (" + sandbox.path("policies/choice.yaml:4:"));
    }
  }

  @Test
  void anAnnotationThatIsNotTrustedChoosesNothing() {
    policies("ignored");
    try (Agent agent = agent()) {
      assertThat(decides(agent, "a", "", "\"dev.sluice.policy\":\"third\"")).isEqualTo("4");
    }
  }

  @Test
  void aPolicyOfTheDirectoryThatIsGivenTooIsOne() {
    Path one = policy("one", "{on: getppid, return: 1}");
    policy("two", "{on: getppid, return: 2}");
    String directory = sandbox.path("policies").toString();
    try (Agent agent = Agent.start(sandbox, "--policy", one.toString(), "--policies", directory)) {
      assertThat(decides(agent, "a", "", "")).isEqualTo("1");
      assertThat(decides(agent, "b", "two", "")).isEqualTo("2");
      assertThat(agent.command("status").run().out()).contains("policies: 2\n");
    }
  }

  /// Until there is such a policy.
  @Test
  void anUnknownNameHasEveryCallRefused() {
    policies("trusted");
    try (Agent agent = agent()) {
      Running container = agent.container("a", "fifth", "", "getppid,sync");
      agent
          .process()
          .awaitError(
              "container a: every call is refused: there is no policy 'fifth' (listenerMetadata)");
      assertThat(Agent.say(container, "getppid")).isEqualTo("EPERM");
      assertThat(Agent.say(container, "sync")).isEqualTo("EPERM");

      policy("fifth", "{on: [getppid, sync], return: 5}");
      agent.command("reload").run().mustSucceed();

      assertThat(Agent.say(container, "getppid")).isEqualTo("5");

      policy("fifth", "{on: [getppid, sync], return: 6}");
      agent.command("reload").run().mustSucceed();

      assertThat(Agent.say(container, "getppid")).isEqualTo("6");
    }
  }

  @Test
  void aPolicyThatIsInUseCannotGo() throws Exception {
    policies("trusted");
    try (Agent agent = agent()) {
      Running container = agent.container("a", "first", "", "getppid");
      Files.delete(sandbox.path("policies/first.yaml"));

      Run reload = agent.command("reload").run();

      assertThat(reload.status()).isEqualTo(2);
      assertThat(reload.err()).contains("this policy is gone, but container a is under it");
      assertThat(Agent.say(container, "getppid")).isEqualTo("1");
    }
  }

  @Test
  void whatIsWatchedTakesEffectWhenNobodyStandsInItsWayAnyMore() throws Exception {
    policies("trusted");
    String directory = sandbox.path("policies").toString();
    try (Agent agent = Agent.start(sandbox, "--policies", directory, "--watch")) {
      Running container = agent.container("a", "first", "", "getppid");
      Running other = agent.container("b", "second", "", "getppid");
      policy("second", "{on: getppid, return: 22}");
      agent.process().await("a reload", () -> Agent.say(other, "getppid").equals("22"));
      assertThat(metrics(agent)).contains("sluice_policy_reload_failed 0.0");

      Files.delete(sandbox.path("policies/first.yaml"));
      policy("second", "{on: getppid, return: 23}");

      // one that was half written when it was looked at may have been refused before
      agent.process().await("a refusal", () -> isReloadFailed(agent, true));
      agent.process().awaitError("the policy has changed, but the one before still decides");
      assertThat(metrics(agent)).contains("sluice_policy_reload_failed 1.0");
      container.closeInput();
      agent.process().await("a reload", () -> Agent.say(other, "getppid").equals("23"));
      agent.process().await("a policy without a refusal", () -> isReloadFailed(agent, false));
    }
  }

  private static boolean isReloadFailed(Agent agent, boolean expected) {
    return agent.command("status").run().out().contains("reloadFailed: " + expected + "\n");
  }

  private static String metrics(Agent agent) throws IOException {
    return new ControlClient(agent.control()).get("/metrics").body();
  }

  /// One may be handed over all the same: not every profile is made of the policy it names.
  @Test
  void aPolicyThatAsksNothingKeepsNoOtherFromBeingReloaded() {
    policy("alone", "{on: sync, deny: EPERM}");
    policy("asking", "{on: getppid, return: 1}");
    try (Agent agent = agent()) {
      Running alone = agent.container("a", "alone", "", "sync");
      Running asking = agent.container("b", "asking", "", "getppid");
      policy("asking", "{on: getppid, return: 2}");

      agent.command("reload").run().mustSucceed();

      assertThat(Agent.say(asking, "getppid")).isEqualTo("2");
      policy("alone", "{on: sync, deny: EACCES, audit: always}");
      Run reload = agent.command("reload").run();
      assertThat(reload.status()).isEqualTo(2);
      assertThat(reload.err())
          .contains("alone.yaml:1:1: error: this policy cannot decide before")
          .doesNotContain("guard");
      assertThat(Agent.say(alone, "sync")).isEqualTo("EPERM");
    }
  }

  /// A policy that is the same for all is compiled once; the one that comes in its place is not.
  @Test
  void containersThatHadOnePolicyHaveTheirOwnWhenItKnowsThePod() {
    String same = "{on: getppid, return: 1}";
    Path only = policy("only", same);
    try (Agent agent = Agent.start(sandbox, "--policy", only.toString())) {
      Running a = agent.container("a", "", CRI, "getppid");
      Running b = agent.container("b", "", "", "getppid");
      assertThat(Agent.say(a, "getppid")).isEqualTo("1");
      assertThat(Agent.say(b, "getppid")).isEqualTo("1");

      policy(
          "only",
          "{on: getppid, when: 'container.namespace == \"ci-1\"', return: 2}\n  - "
              + same.replace('1', '3'));
      agent.command("reload").run().mustSucceed();
      assertThat(Agent.say(a, "getppid")).isEqualTo("2");
      assertThat(Agent.say(b, "getppid")).isEqualTo("3");

      policy("only", same);
      agent.command("reload").run().mustSucceed();
      assertThat(Agent.say(a, "getppid")).isEqualTo("1");
      assertThat(Agent.say(b, "getppid")).isEqualTo("1");
    }
  }

  @Test
  void aLimitIsOfEachContainer() {
    Path only = policy("only", "{on: getppid, return: 1, limit: 1/h}");
    try (Agent agent = Agent.start(sandbox, "--policy", only.toString())) {
      Running a = agent.container("a", "", "", "getppid");
      assertThat(Agent.say(a, "getppid")).isEqualTo("1");
      assertThat(Agent.say(a, "getppid")).isEqualTo("EAGAIN");
      assertThat(decides(agent, "b", "", "")).isEqualTo("1");
    }
  }

  /// With whatever is executed in it later, and also after a reload, which fills it again.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLimitIsOfAWholeContainer(boolean kept) {
    String only = policy("only", "{on: getppid, return: 1, limit: 1/h}").toString();
    try (Agent agent =
        kept
            ? Agent.start(sandbox, "--keep", "--policy", only)
            : Agent.start(sandbox, "--policy", only)) {
      Running container = agent.container("a", "", CRI, "getppid");
      assertThat(Agent.say(container, "getppid")).isEqualTo("1");
      assertThat(decides(agent, "a", "", CRI)).isEqualTo("EAGAIN");

      policy("only", "{on: getppid, return: 2, limit: 1/h}");
      agent.command("reload").run().mustSucceed();

      assertThat(decides(agent, "a", "", CRI)).isEqualTo("2");
      assertThat(Agent.say(container, "getppid")).isEqualTo("EAGAIN");
      assertThat(decides(agent, "a", "", CRI)).isEqualTo("EAGAIN");
    }
  }

  @Test
  void policiesKnowThePodAndRecordsSayIt() throws Exception {
    policy(
        "only", "{on: getppid, when: 'container.namespace == \"ci-1\"', return: 7, audit: always}");
    Path audit = sandbox.path("audit.jsonl");
    try (Agent agent =
        Agent.start(
            sandbox,
            "--policy",
            sandbox.path("policies/only.yaml").toString(),
            "--audit",
            audit.toString())) {
      assertThat(decides(agent, "a", "", CRI + "," + IMAGE)).isEqualTo("7");
      agent.process().await("a record", () -> text(audit).contains("\"type\":\"call\""));
      assertThat(text(audit))
          .contains("\"container\":\"a\",\"namespace\":\"ci-1\"")
          .contains("\"image\":\"registry.example/a/trusted:1\"");
    }
  }

  @Test
  void aPolicyThatIsTriedOutBesideAllOfThemKnowsThePodToo() throws Exception {
    policies("trusted");
    Path tried =
        policy("tried", "{on: getppid, when: 'container.namespace == \"ci-1\"', deny: EPERM}");
    Path audit = sandbox.path("audit.jsonl");
    try (Agent agent =
        Agent.start(
            sandbox,
            "--policies",
            sandbox.path("policies").toString(),
            "--shadow",
            tried.toString(),
            "--audit",
            audit.toString())) {
      assertThat(decides(agent, "a", "first", CRI)).isEqualTo("1");
      assertThat(decides(agent, "b", "first", IMAGE)).isEqualTo("1");
      agent.process().await("both records", () -> text(audit).contains("\"container\":\"b\""));
    }
    assertThat(sandbox.sluice("log", audit.toString()).run().mustSucceed().lines())
        .satisfiesExactly(
            first -> assertThat(first).endsWith("(tried: deny EPERM by 'rule 1')"),
            second -> assertThat(second).endsWith("(tried: allow by 'default')"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "choose: [{policy: nowhere}] | 2:19: error: there is no policy 'nowhere' in this directory",
        "choose: [{namspace: x, policy: first}] | 2:11: error: unknown key 'namspace' in a choice;"
            + " did you mean 'namespace'?",
        "choose: [{namespace: x}] | 2:10: error: a choice needs 'policy', the name of one",
        "choose: {} | 2:9: error: 'choose' must be a list, not a mapping",
        "chose: [] | 2:1: error: unknown key 'chose' in this file; did you mean 'choose'?",
        "annotation: yes | 2:13: error: 'annotation' is trusted or ignored",
      })
  void whatIsWrongWithAChoiceIsSaidAtTheStart(String line, String complaint) {
    policies("trusted");
    sandbox.file("policies/choice.yaml", "sluice: choice-v1\n" + line + "\n");

    Run run =
        sandbox
            .sluice(
                "agent",
                "--policies",
                sandbox.path("policies").toString(),
                "--socket",
                sandbox.path("s").toString())
            .run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).startsWith(sandbox.path("policies/choice.yaml") + ":" + complaint);
  }

  @Test
  void whatIsWrongWithTheFilesIsSaidAtTheStart() throws IOException {
    policies("trusted");
    sandbox.file("policies/choice.yaml", "choose: []\n");
    assertThat(refusal("policies"))
        .startsWith(
            sandbox.path("policies/choice.yaml") + ":1:1: error: it must say 'sluice: choice-v1'");
    sandbox.file("policies/choice.yaml", "\n");
    assertThat(refusal("policies"))
        .contains("the file is empty; it begins with 'sluice: choice-v1'");
    sandbox.file("twice/a.yaml", "sluice: v1\ndefault: deny\n");
    sandbox.file("twice/a.yml", "sluice: v1\ndefault: deny\n");
    assertThat(refusal("twice")).contains("a.yaml\" has the same name");
    Path given = sandbox.file("given/a.yaml", "sluice: v1\ndefault: deny\n");
    Files.delete(sandbox.path("twice/a.yml"));
    assertThat(refusal("twice", "--policy", given.toString()))
        .isEqualTo(
            sandbox.path("twice/a.yaml")
                + ":1:1: error: \""
                + given
                + "\", which is given too, has the same name\n");
    sandbox.directory("empty");
    assertThat(refusal("empty"))
        .isEqualTo(sandbox.path("empty") + ":1:1: error: there is no policy in this directory\n");
    assertThat(refusal("nowhere"))
        .startsWith(sandbox.path("nowhere") + ":1:1: error: the directory cannot be read: ");
  }

  @Test
  void aFileOfTheDirectoryMayBeThatOfAllOthers() {
    policy("first", "{on: getppid, return: 1}");
    policy("second", "{on: getppid, return: 2}");
    String policies = sandbox.path("policies").toString();
    String second = sandbox.path("policies/../policies/second.yaml").toString();
    try (Agent agent = Agent.start(sandbox, "--policies", policies, "--policy", second)) {
      assertThat(decides(agent, "a", "", "")).isEqualTo("2");
      assertThat(decides(agent, "b", "first", "")).isEqualTo("1");
    }
  }

  @Test
  void whatNothingNamesAPolicyForIsRefusedToo() {
    policy("first", "{on: getppid, return: 1}");
    try (Agent agent = agent()) {
      assertThat(decides(agent, "a", "", "")).isEqualTo("EPERM");
      agent.process().awaitError("nothing names a policy, and there is no default");
    }
    Path only = sandbox.path("policies/first.yaml");
    try (Agent agent = Agent.start(sandbox, "--policy", only.toString())) {
      assertThat(decides(agent, "a", "ignored", "")).isEqualTo("1");
      agent.process().awaitError("policy first (the only one)");
    }
  }

  private String refusal(String directory, String... options) {
    var words = new ArrayList<>(List.of("agent", "--socket", sandbox.path("s").toString()));
    words.addAll(List.of("--policies", sandbox.path(directory).toString()));
    words.addAll(List.of(options));
    Run run = sandbox.sluice(words.toArray(String[]::new)).run();
    assertThat(run.status()).isEqualTo(2);
    return run.err();
  }

  private static String decides(Agent agent, String id, String metadata, String annotations) {
    return Agent.say(agent.container(id, metadata, annotations, "getppid"), "getppid");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
