package dev.sluice.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A C program of a test: what the headers say, or a target that does what no JVM should do to
/// itself. Compiled by `cc`; without one the test is skipped.
public final class CProgram {
  private static final Path DIRECTORY = Path.of("target", "c-programs");

  private static final boolean HAS_COMPILER = runs("cc", "--version");

  private final Path executable;

  private CProgram(Path executable) {
    this.executable = executable;
  }

  /// The program in `src/test/c`.
  ///
  /// @param options for the compiler, such as `-lseccomp`
  public static CProgram named(String name, String... options) {
    return compile(Path.of("src", "test", "c", name + ".c"), name, options);
  }

  /// The program with this source. `name` is for its files.
  ///
  /// @param options for the compiler, such as `-lseccomp`
  public static CProgram of(String name, String source, String... options) {
    try {
      Files.createDirectories(DIRECTORY);
      Path file = DIRECTORY.resolve(name + ".c");
      Files.writeString(file, source);
      return compile(file, name, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CProgram compile(Path source, String name, String... options) {
    assumeTrue(HAS_COMPILER, "there is no C compiler (cc)");
    try {
      Files.createDirectories(DIRECTORY);
      Path executable = DIRECTORY.resolve(name).toAbsolutePath();
      var command = new ArrayList<>(List.of("cc", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror"));
      command.addAll(List.of("-pthread", "-o", executable.toString(), source.toString()));
      command.addAll(List.of(options));
      Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
      String complaints = text(compiler);
      assertThat(compiler.waitFor()).as(complaints).isZero();
      return new CProgram(executable);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// What the preprocessor makes of a piece of C; empty if it includes what is not there.
  static Optional<String> preprocess(String source, String... options) {
    assumeTrue(HAS_COMPILER, "there is no C compiler (cc)");
    var command = new ArrayList<>(List.of("cc", "-D_GNU_SOURCE", "-E"));
    command.addAll(List.of(options));
    command.add("-");
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (var input = process.outputWriter(StandardCharsets.UTF_8)) {
        input.write(source);
      }
      String output = text(process);
      return process.waitFor() == 0 ? Optional.of(output) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Runs it to its end and returns what it wrote.
  public String run(String... args) {
    return output(command(args));
  }

  public Process start(String... args) {
    try {
      return new ProcessBuilder(command(args))
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> command(String... args) {
    var command = new ArrayList<>(List.of(executable.toString()));
    command.addAll(List.of(args));
    return command;
  }

  private static String output(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String output = text(process);
      assertThat(process.waitFor()).as("%s", command).isZero();
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static boolean runs(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException missing) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
