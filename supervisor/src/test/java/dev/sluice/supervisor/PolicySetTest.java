package dev.sluice.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.choice.PolicyFiles;
import dev.sluice.supervisor.policy.choice.PolicyFiles.Source;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Many containers are taken back after their policy was edited: what is the same for all of them
/// is compiled once, and kept once.
class PolicySetTest {
  private static final String BEFORE = "{on: '@open', when: 'path.under(\"/a\")', deny: EACCES}";
  private static final String NOW = "{on: '@open', when: 'path.under(\"/b\")', deny: EACCES}";
  private static final String OF_EACH =
      "{on: '@open', when: 'path.under(\"/b\") && container.id != \"c\"', deny: EACCES}";

  @TempDir Path directory;

  private int compilations;

  private PolicyCompiler compiler(Container container) {
    compilations++;
    var handlers = Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);
    return new PolicyCompiler(handlers, Map.of()).in(container);
  }

  /// What two containers get whose filter is for `before`, where the policy now has the rule `now`.
  private List<PolicySet.Chosen> chosen(String before, String now) throws Exception {
    Path file = Files.writeString(directory.resolve("p.yaml"), policy(now));
    var set =
        PolicySet.of(
            PolicyFiles.read(Optional.of(file), Optional.empty(), Optional.empty()),
            this::compiler,
            Container.NONE,
            Map.of());
    Source installed = Source.of(file, policy(before));
    var earlier = Optional.of(new EarlierPolicies(installed, installed));
    compilations = 0;
    var chosen = new ArrayList<PolicySet.Chosen>();
    for (String id : List.of("a", "b")) {
      var container = new Container(id, "", Map.of());
      chosen.add(set.of(new Handed(container, "", 0, true, Supervised.State.SUPERVISED), earlier));
    }
    return chosen;
  }

  private static String policy(String rule) {
    return "sluice: v1\nrules:\n  - " + rule + "\n";
  }

  private static void assertShared(List<PolicySet.Chosen> chosen) {
    assertThat(chosen.get(1).policy()).isSameAs(chosen.get(0).policy());
    assertThat(chosen.get(1).installed()).isSameAs(chosen.get(0).installed());
  }

  @Test
  void theyShareBothPolicies() throws Exception {
    List<PolicySet.Chosen> chosen = chosen(BEFORE, NOW);

    assertShared(chosen);
    assertThat(chosen.getFirst().policy()).isNotSameAs(chosen.getFirst().installed());
    assertThat(compilations).isEqualTo(2);
  }

  @Test
  void whatCannotReplaceTheOneBeforeIsNotTriedForEach() throws Exception {
    List<PolicySet.Chosen> chosen = chosen(BEFORE, "{on: umask, deny: EPERM}");

    assertShared(chosen);
    assertThat(chosen.getFirst().policy()).isSameAs(chosen.getFirst().installed());
    assertThat(compilations).isEqualTo(2);
  }

  @Test
  void whatIsOfEachContainerIsCompiledForEach() throws Exception {
    List<PolicySet.Chosen> chosen = chosen(BEFORE, OF_EACH);

    assertThat(chosen.get(1).policy()).isNotSameAs(chosen.get(0).policy());
    assertThat(chosen.get(1).installed()).isSameAs(chosen.get(0).installed());
    chosen = chosen(OF_EACH, NOW);
    assertThat(chosen.get(1).policy()).isNotSameAs(chosen.get(0).policy());
    assertThat(chosen.get(1).installed()).isNotSameAs(chosen.get(0).installed());
  }
}
