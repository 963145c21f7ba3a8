package dev.sluice.supervisor.policy.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/// What Jazzer runs, for one target: `--target_args=NAME`. With `--target_args="NAME trees"` the
/// target is given documents that are made by the choices Jazzer thinks up; the last of them stands
/// in a file of the working directory, so that what failed is there to be read.
public final class Fuzzing {
  private static final int CHOICES = 50;
  private static final int MOST_CHOICES = 256;

  private static FuzzTarget target = FuzzTarget.POLICY;
  private static Optional<TreeMutator> trees = Optional.empty();
  private static Path last = Path.of("");
  private static long accepted;

  private Fuzzing() {}

  /// Called by Jazzer, once.
  public static void fuzzerInitialize(String[] args) {
    target = FuzzTarget.valueOf(args[0].toUpperCase(Locale.ROOT));
    if (args.length > 1) {
      trees = Optional.of(new TreeMutator(Seeds.of(target)));
      last = Path.of(target + "-" + args[1] + "-last");
    }
  }

  /// Called by Jazzer, with whatever it thinks up. A finding is what this throws.
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    byte[] text = input;
    if (trees.isPresent()) {
      text = trees.get().next(Choices.of(input), target.isJson()).getBytes(StandardCharsets.UTF_8);
      Files.write(last, text);
    }
    accepted += target.accepts(text) ? 1 : 0;
  }

  /// Called by Jazzer, in the end.
  public static void fuzzerTearDown() throws IOException {
    System.err.println("accepted=" + accepted);
  }

  /// Writes what to begin from into the files of a directory for each target, and the words to put
  /// into it into a file beside it.
  public static void main(String[] args) throws IOException {
    var random = new Random();
    Path choices = Files.createDirectories(Path.of(args[0], "trees"));
    for (int i = 0; i < CHOICES; i++) {
      byte[] bytes = new byte[random.nextInt(MOST_CHOICES)];
      random.nextBytes(bytes);
      Files.write(choices.resolve("seed-" + i), bytes);
    }
    for (FuzzTarget each : FuzzTarget.values()) {
      Path directory = Files.createDirectories(Path.of(args[0], each.toString()));
      List<String> seeds = Seeds.of(each);
      for (int i = 0; i < seeds.size(); i++) {
        Files.writeString(directory.resolve("seed-" + i), seeds.get(i));
      }
      var mutator = new Mutator(random, seeds);
      List<String> words = mutator.pieces().stream().map(Fuzzing::quoted).toList();
      Files.write(Path.of(args[0], each + ".dict"), words);
    }
  }

  /// As dictionaries of libFuzzer have it.
  private static String quoted(String word) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    return '"' + HexFormat.of().withPrefix("\\x").formatHex(bytes) + '"';
  }
}
