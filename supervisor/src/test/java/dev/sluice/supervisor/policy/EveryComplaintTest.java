package dev.sluice.supervisor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Whatever is said of a policy stands in a test, word for word: a text in the sources that no test
/// has is a complaint that nobody has seen.
class EveryComplaintTest {
  private static final Path SOURCES = Path.of("src/main/java/dev/sluice/supervisor/policy");
  private static final List<Path> TESTS =
      List.of(Path.of("src/test/java"), Path.of("../tests/src/test/java"));

  /// What stands before an author, but in no test's reach.
  private static final Set<String> OUT_OF_REACH =
      Set.of(
          // what the readers before them already refuse
          "no path has",
          "' cannot be resolved",
          "this is more than a condition can be",
          "' is not true or false",
          "no rule is about it",
          "it would be a way around the policy",
          "the instruction pointer");

  /// What is said to nobody: what guards are written with, and a message of CEL.
  private static final Set<String> NO_COMPLAINTS =
      Set.of(
          "flags fstype MS_REMOUNT MS_BIND MS_MOVE",
          "operation flags SECCOMP_SET_MODE_FILTER SECCOMP_FILTER_FLAG_NEW_LISTENER",
          "flags UFFD_USER_MODE_ONLY",
          "domain type protocol AF_INET AF_INET6 AF_PACKET IPPROTO_SCTP",
          "op UFFD_USER_MODE_ONLY",
          "level optname IPPROTO_IPV6 IP_OPTIONS IPV6_RTHDR IPV6_2292PKTOPTIONS"
              + " IPV6_FLOWLABEL_MGR",
          "Message type resolution");

  private static final Pattern NOT_SAID =
      Pattern.compile(
          "^ *//[^\n]*"
              + "|\"\"\"\n.*?\"\"\""
              + "|new (IllegalStateException|AssertionError)\\(.*?\\);"
              + "|Pattern\\.compile\\(.*?\\);",
          Pattern.MULTILINE | Pattern.DOTALL);

  private static final Pattern JOINT = Pattern.compile("\"\\s*\\+\\s*\"");
  private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\\n]|\\\\.)*)\"");
  private static final Pattern PLACEHOLDER = Pattern.compile("%[0-9]*[sdxX]");
  private static final Pattern WORDS = Pattern.compile(".*[a-z]{2} .*|.* [a-z]{2}.*");

  @Test
  void standsInATest() throws IOException {
    String tested = TESTS.stream().map(EveryComplaintTest::text).collect(Collectors.joining());
    List<String> said = said();

    assertThat(said).hasSizeGreaterThan(250);
    assertThat(said.stream().filter(text -> !tested.contains(text)))
        .containsExactlyInAnyOrderElementsOf(OUT_OF_REACH);
  }

  private static List<String> said() throws IOException {
    try (var files = Files.walk(SOURCES)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(EveryComplaintTest::read)
          .map(source -> NOT_SAID.matcher(source.replace("'\"'", "' '")).replaceAll(""))
          .map(source -> JOINT.matcher(source).replaceAll(""))
          .flatMap(source -> LITERAL.matcher(source).results())
          .flatMap(literal -> PLACEHOLDER.splitAsStream(unescape(literal.group(1))))
          .map(String::strip)
          .filter(text -> WORDS.matcher(text).matches() && !NO_COMPLAINTS.contains(text))
          .filter(text -> !text.contains("\\n") && !text.contains(".*")) // programs, patterns
          .distinct()
          .toList();
    }
  }

  private static String text(Path directory) {
    try (var files = Files.walk(directory)) {
      return files
          .filter(file -> file.toString().endsWith("Test.java"))
          .filter(file -> !file.endsWith("EveryComplaintTest.java"))
          .map(file -> unescape(JOINT.matcher(read(file)).replaceAll("")))
          .collect(Collectors.joining());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String unescape(String literal) {
    return Stream.of("\\\"", "\\\\")
        .reduce(literal, (text, escape) -> text.replace(escape, escape.substring(1)));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
