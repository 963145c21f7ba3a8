package dev.sluice.supervisor.policy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever is read, it is accepted or refused in words. The same for long, guided by what the code
/// does with it: `tests/soak/run fuzz`.
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
class FuzzTest {
  /// Inputs for which that was not so, in a directory for each target.
  private static final Path FAILED_ONCE = Path.of("src/test/fuzz");

  private static final int MUTANTS = Integer.getInteger("fuzz.mutants", 300);
  private static final int SEED = Integer.getInteger("fuzz.seed", 1);

  @ParameterizedTest
  @EnumSource
  void ofTextsThatAreNearlyRight(FuzzTarget target) {
    var mutator = new Mutator(new Random(SEED), Seeds.of(target));
    int accepted = accepted(target, "text", mutator::next);

    assertThat(accepted).as("texts that are accepted").isBetween(1, MUTANTS - 1);
  }

  /// So many of them are accepted that what comes after the reading is met too.
  @ParameterizedTest
  @EnumSource(names = {"POLICY", "PROFILE", "TESTS", "FMT"})
  void ofDocumentsThatAreNearlyRight(FuzzTarget target) {
    var random = new Random(SEED);
    var mutator = new TreeMutator(Seeds.of(target));
    int accepted =
        accepted(
            target,
            "tree",
            () ->
                mutator.next(Choices.at(random), target.isJson()).getBytes(StandardCharsets.UTF_8));

    assertThat(accepted).as("documents that are accepted").isBetween(MUTANTS / 20, MUTANTS - 1);
  }

  private static int accepted(FuzzTarget target, String what, Supplier<byte[]> mutants) {
    int accepted = 0;
    for (int i = 0; i < MUTANTS; i++) {
      byte[] mutant = mutants.get();
      try {
        accepted += target.accepts(mutant) ? 1 : 0;
      } catch (Throwable e) {
        fail("see " + kept("failed-%s-%s-%d-%d".formatted(target, what, SEED, i), mutant), e);
      }
    }
    System.out.printf("%s: %d of %d %ss are accepted%n", target, accepted, MUTANTS, what);
    return accepted;
  }

  private static Path kept(String name, byte[] input) {
    try {
      return Files.write(Path.of("target", name), input);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofTextsThatAreRight(FuzzTarget target) {
    assertThat(Seeds.of(target))
        .isNotEmpty()
        .allMatch(seed -> target.accepts(seed.getBytes(StandardCharsets.UTF_8)));
  }

  static Stream<Arguments> failedOnce() throws IOException {
    try (var files = Files.walk(FAILED_ONCE)) {
      return files
          .filter(Files::isRegularFile)
          .sorted()
          .map(file -> Arguments.of(String.valueOf(FAILED_ONCE.relativize(file).getName(0)), file))
          .toList()
          .stream();
    }
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("failedOnce")
  void ofWhatFailedOnce(String target, Path file) throws IOException {
    FuzzTarget.valueOf(target.toUpperCase(Locale.ROOT)).accepts(Files.readAllBytes(file));
  }
}
