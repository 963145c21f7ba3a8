package dev.sluice.tests.harness;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// A command that has been started.
public final class Running implements AutoCloseable {
  /// Longer than anything here takes: what is not over by then hangs.
  private static final int PATIENCE_SECONDS = 60;

  private final Process process;
  private final List<String> words;
  private final Optional<Path> audit;
  private final Collector out;
  private final Collector err;

  Running(Process process, List<String> words, Optional<Path> audit) {
    this.process = process;
    this.words = words;
    this.audit = audit;
    this.out = new Collector(process.getInputStream());
    this.err = new Collector(process.getErrorStream());
  }

  public long pid() {
    return process.pid();
  }

  /// Of `sluice run`: the supervisor.
  public long supervisorPid() {
    return process.children().findFirst().orElseThrow().pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /// What it has written to its standard output so far.
  public String out() {
    return out.text();
  }

  public String err() {
    return err.text();
  }

  public void type(String text) {
    try {
      process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      // it reads no more, as a user would find out too
    }
  }

  public void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // it was closed at the other end
    }
  }

  /// Waits until the output contains `text`.
  public Running awaitOutput(String text) {
    await("\"" + text + "\" in its output", () -> out.text().contains(text));
    return this;
  }

  public Running awaitError(String text) {
    await("\"" + text + "\" in its standard error", () -> err.text().contains(text));
    return this;
  }

  /// Waits for something of this process.
  public void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw failure("waited in vain for " + what);
      }
      pause();
    }
  }

  public void signal(String name) {
    signal(name, pid());
  }

  public static void signal(String name, long pid) {
    try {
      int status = new ProcessBuilder("kill", "-" + name, "" + pid).start().waitFor();
      if (status != 0) {
        fail("kill -%s %d: status %d", name, pid, status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Waits for its end. Others may still have its output open.
  public int awaitStatus() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, SECONDS)) {
        throw failure("it hangs");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Waits for its end and that of its output.
  public Run finish() {
    int status = awaitStatus();
    if (!out.awaitEnd(PATIENCE_SECONDS) || !err.awaitEnd(PATIENCE_SECONDS)) {
      throw failure("something holds its output open");
    }
    return new Run(words, status, out.text(), err.text(), audit);
  }

  private AssertionError failure(String what) {
    return new AssertionError(
        "%s: %s%nout: %s%nerr: %s"
            .formatted(String.join(" ", words), what, out.text(), err.text()));
  }

  static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /// Reads a stream while it comes.
  private static final class Collector {
    private final ByteArrayOutputStream read = new ByteArrayOutputStream();
    private final Thread thread;

    Collector(InputStream stream) {
      thread = Thread.ofVirtual().start(() -> read(stream));
    }

    private void read(InputStream stream) {
      var bytes = new byte[8192];
      try (stream) {
        for (int count = stream.read(bytes); count >= 0; count = stream.read(bytes)) {
          read.write(bytes, 0, count);
        }
      } catch (IOException e) {
        read.writeBytes(("[reading ended: " + e + ']').getBytes(StandardCharsets.UTF_8));
      }
    }

    String text() {
      return read.toString(StandardCharsets.UTF_8);
    }

    boolean awaitEnd(int seconds) {
      try {
        return thread.join(java.time.Duration.ofSeconds(seconds));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
