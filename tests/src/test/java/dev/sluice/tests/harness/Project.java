package dev.sluice.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;

/// The project that has been built, as a user finds it.
public final class Project {
  public static final Path ROOT = Path.of(System.getProperty("sluice.root")).toAbsolutePath();

  /// The start script.
  public static final Path SCRIPT = ROOT.resolve("sluice");

  private Project() {}

  /// A policy that is shipped.
  public static Path policy(String name) {
    return ROOT.resolve("policies").resolve(name + ".yaml");
  }

  /// A program of `src/test/c`.
  public static String program(String name) {
    return ROOT.resolve("tests/target/c").resolve(name).toString();
  }

  /// A program of `src/test/python`.
  public static List<String> python(String name) {
    Path script = ROOT.resolve("tests/src/test/python").resolve(name + ".py");
    return List.of("/usr/bin/python3", "-B", script.toString());
  }

  public static String version() {
    return System.getProperty("sluice.version");
  }

  /// Whether users other than the owner may read what lies at `path`.
  static boolean isOpenToAll(Path path) {
    try {
      for (Path part = path; part != null; part = part.getParent()) {
        if (!Files.getPosixFilePermissions(part).contains(PosixFilePermission.OTHERS_EXECUTE)) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
