package dev.sluice.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/// A file system that answers what it wants to: `src/test/c/hangs.c`.
public final class HangingFiles implements AutoCloseable {
  private final Path directory;
  private final Running server;

  private HangingFiles(Path directory, Running server) {
    this.directory = directory;
    this.server = server;
  }

  /// Mounts it at a new directory of the sandbox.
  public static HangingFiles at(Sandbox sandbox, String name) {
    Path directory = sandbox.directory(name);
    return mounted(directory, sandbox.program("hangs", directory.toString()));
  }

  /// One that another file system can lie on.
  public static HangingFiles below(Sandbox sandbox, String name) {
    Path directory = sandbox.directory(name);
    return mounted(directory, sandbox.program("hangs", directory.toString(), "room"));
  }

  private static HangingFiles mounted(Path directory, Command server) {
    var files = new HangingFiles(directory, server.start());
    files.server.awaitOutput("mounted");
    return files;
  }

  /// Waits until it has been asked so often for what it never answers.
  public void await(int requests) {
    server.await(requests + " requests", () -> server.out().lines().count() - 1 >= requests);
  }

  /// From now on it answers nothing, nor does it hear what it is asked.
  public void stop() {
    server.signal("STOP");
  }

  /// Ends the server; the mount stays.
  public void kill() {
    server.signal("KILL");
    server.awaitStatus();
  }

  @Override
  public void close() {
    server.close();
    try {
      new ProcessBuilder("umount", "--lazy", directory.toString()).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
