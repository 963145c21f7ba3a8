package dev.sluice.supervisor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/// The programs that cannot be Java. Taken from the directory in the system property
/// `sluice.native`, or else unpacked from our own jar.
final class NativePrograms {
  private NativePrograms() {}

  /// The path of an executable.
  ///
  /// @param directory where it is unpacked if need be: nobody else's to write to
  static Path find(String name, Path directory) throws IOException {
    Optional<Path> installed =
        Optional.ofNullable(System.getProperty("sluice.native")).map(Path::of);
    if (installed.isPresent()) {
      Path program = installed.get().resolve(name).toAbsolutePath();
      if (!Files.isExecutable(program)) {
        throw new IOException(
            "\""
                + program
                + "\" is missing: the system property sluice.native must name the directory"
                + " of the native programs");
      }
      return program;
    }
    Path program = directory.resolve(name);
    if (!Files.exists(program)) {
      unpack(name, program);
    }
    return program;
  }

  private static void unpack(String name, Path to) throws IOException {
    String resource = "programs/linux-" + System.getProperty("os.arch") + "/" + name;
    try (InputStream stream = NativePrograms.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IOException(
            "this build has no " + name + " for " + System.getProperty("os.arch"));
      }
      Files.copy(stream, to);
      Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }
}
