package dev.sluice.supervisor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Dependencies point one way: `container → handler, audit → listener → policy → bpf, machine →
/// syscall, target → kernel`, with `worker` and `launch` beside the listener.
class ArchitectureTest {
  private static final String ROOT = "dev.sluice.supervisor";

  /// What each package may use.
  private static final Map<String, Set<String>> USES =
      Map.ofEntries(
          Map.entry("kernel", Set.of()),
          Map.entry("syscall", Set.of("kernel")),
          Map.entry("bpf", Set.of("kernel")),
          Map.entry("target", Set.of("kernel", "syscall")),
          Map.entry("machine", Set.of("kernel", "syscall", "target")),
          Map.entry("policy", Set.of("kernel", "syscall", "bpf", "target", "machine")),
          Map.entry("listener", Set.of("kernel", "syscall", "target", "policy")),
          Map.entry("worker", Set.of("kernel", "syscall", "target", "listener")),
          Map.entry("launch", Set.of("kernel", "syscall", "bpf", "policy")),
          Map.entry("handler", Set.of("kernel", "syscall", "target", "policy", "listener")),
          Map.entry(
              "container", Set.of("kernel", "syscall", "target", "machine", "policy", "handler")),
          Map.entry("audit", Set.of("kernel", "syscall", "bpf", "target", "policy", "listener")),
          Map.entry("metrics", Set.of("target", "syscall", "policy", "listener", "audit")));

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @Test
  void dependenciesPointOneWay() {
    var against = new TreeSet<String>();
    var used = new TreeMap<String, Set<String>>();
    for (var type : classes) {
      String from = room(type.getPackageName());
      for (var dependency : type.getDirectDependenciesFromSelf()) {
        String packageName = dependency.getTargetClass().getPackageName();
        if (packageName.startsWith(ROOT) && !room(packageName).equals(from)) {
          used.computeIfAbsent(from, _ -> new TreeSet<>()).add(room(packageName));
          // what puts the library together may use all of it
          if (!from.isEmpty() && !USES.getOrDefault(from, Set.of()).contains(room(packageName))) {
            against.add(dependency.getDescription());
          }
        }
      }
    }
    assertThat(against).isEmpty();
    assertThat(used.keySet()).as("packages that were looked at").containsAll(Set.of("", "policy"));
    assertThat(used.keySet()).isSubsetOf(union());
  }

  /// `policy` of `dev.sluice.supervisor.policy.condition`.
  private static String room(String packageName) {
    String below = packageName.substring(ROOT.length());
    return below.isEmpty() ? "" : below.split("\\.", -1)[1];
  }

  private static Set<String> union() {
    var all = new TreeSet<>(USES.keySet());
    all.add("");
    return all;
  }

  @Test
  void onlyTheEventLoopKnowsNetty() {
    noClasses()
        .that()
        .haveNameNotMatching(".*\\.listener\\.EventLoop(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty..")
        .check(classes);
  }
}
