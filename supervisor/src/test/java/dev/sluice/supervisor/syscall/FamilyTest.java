package dev.sluice.supervisor.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FamilyTest {
  /// Nothing else does what it does.
  private static final Set<String> ALONE = Set.of("file_getattr", "file_setattr");

  static List<Family> families() {
    return Family.all();
  }

  @ParameterizedTest
  @MethodSource("families")
  void hasSeveralCallsOfTheTables(Family family) {
    assertThat(family.calls()).hasSizeGreaterThan(1);
    for (String call : family.calls()) {
      assertThat(Arch.values()).as(call).anyMatch(arch -> arch.number(call).isPresent());
    }
    family
        .group()
        .ifPresent(
            group -> assertThat(Groups.members(group).orElseThrow()).isEqualTo(family.calls()));
  }

  /// What a policy may decide by a path is in a family, so that nothing that does the same is left.
  @ParameterizedTest
  @ValueSource(strings = {"@open", "@stat", "@modify", "@exec"})
  void everyCallOfAGroupThatTakesPathsIsInAFamily(String group) {
    SortedSet<String> calls = Groups.members(group).orElseThrow();
    calls.removeAll(ALONE);
    for (String call : calls) {
      assertThat(Family.all().stream().filter(Family::byObject))
          .as(call)
          .anyMatch(family -> family.calls().contains(call));
    }
  }

  @Test
  void callsThatTakePathsHaveNoOthersInTheirFamily() {
    for (Family family : Family.all()) {
      boolean addresses = family.calls().contains("sendto");
      assertThat(family.calls().stream().allMatch(call -> PathParameter.isIn(call)))
          .as("%s", family)
          .isEqualTo(family.byObject() && !addresses);
    }
  }

  @Test
  void unlinkatRemovesWhatUnlinkAndRmdirDo() {
    assertThat(Family.all().stream().map(Family::calls))
        .contains(new TreeSet<>(Arrays.asList("unlink", "unlinkat")))
        .contains(new TreeSet<>(Arrays.asList("rmdir", "unlinkat")));
  }
}
