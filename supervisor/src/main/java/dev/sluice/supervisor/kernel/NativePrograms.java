package dev.sluice.supervisor.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// What cannot be Java: programs, and one function. Taken from the directory in the system property
/// `sluice.native`, or else unpacked from our own jar.
public final class NativePrograms {
  private static final String RESOURCES = "/dev/sluice/supervisor/programs/linux-";

  private NativePrograms() {}

  /// The functions of our library.
  @SuppressWarnings("restricted")
  static SymbolLookup library() {
    String name = "libsluice.so";
    try {
      Optional<Path> installed = installed(name);
      return installed.isPresent()
          ? SymbolLookup.libraryLookup(installed.get(), Arena.global())
          : unpackedLibrary(name);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be loaded: " + e.getMessage(), e);
    }
  }

  @SuppressWarnings("restricted")
  private static SymbolLookup unpackedLibrary(String name) throws IOException {
    Path directory = Files.createTempDirectory("sluice-");
    Path library = directory.resolve(name);
    try {
      unpack(name, library);
      return SymbolLookup.libraryLookup(library, Arena.global());
    } finally {
      // once it is loaded, nobody needs its name any more
      Files.deleteIfExists(library);
      Files.delete(directory);
    }
  }

  /// The path of an executable.
  ///
  /// @param directory where it is unpacked if need be: nobody else's to write to
  public static Path find(String name, Path directory) throws IOException {
    Optional<Path> installed = installed(name);
    if (installed.isPresent()) {
      return installed.get();
    }
    Path program = directory.resolve(name);
    if (!Files.exists(program)) {
      unpack(name, program);
      awaitExecutable(program);
    }
    return program;
  }

  /// A child that another thread starts while we write the program has our descriptor of it until
  /// it executes; before that, the program cannot be executed (ETXTBSY).
  private static void awaitExecutable(Path program) {
    int fd = dev.sluice.supervisor.kernel.Files.open(program.toString(), OpenFlags.O_RDONLY);
    try {
      while (dev.sluice.supervisor.kernel.Files.hasWriter(fd)) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
    } finally {
      dev.sluice.supervisor.kernel.Files.close(fd);
    }
  }

  /// Where the system property says it is; empty if that is not set.
  private static Optional<Path> installed(String name) throws IOException {
    String directory = System.getProperty("sluice.native");
    if (directory == null) {
      return Optional.empty();
    }
    Path program = Path.of(directory).resolve(name).toAbsolutePath();
    if (!Files.isExecutable(program)) {
      throw new IOException(
          "\""
              + program
              + "\" is missing: the system property sluice.native must name the directory"
              + " of the native programs");
    }
    return Optional.of(program);
  }

  private static void unpack(String name, Path to) throws IOException {
    String resource = RESOURCES + System.getProperty("os.arch") + "/" + name;
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
