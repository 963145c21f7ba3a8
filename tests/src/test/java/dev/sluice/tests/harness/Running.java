package dev.sluice.tests.harness;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// A command that has been started.
public final class Running implements AutoCloseable {
  /// Longer than anything here takes on a busy machine: what is not over by then hangs.
  static final int PATIENCE_SECONDS = 600;

  /// For what was killed to be gone.
  private static final int KILL_SECONDS = 10;

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

  /// Whether the supervisor, or a worker of it, has `file` open or holds on to it.
  public boolean holds(Path file) {
    return Stream.concat(Stream.of(supervisorPid()), workers().stream())
        .anyMatch(pid -> holds(ofProcess(pid, "fd"), link -> link.equals(file)));
  }

  /// Whether the supervisor itself has something open that lies below `directory`.
  public boolean supervisorHoldsBelow(Path directory) {
    return holds(ofProcess(supervisorPid(), "fd"), link -> link.startsWith(directory));
  }

  /// How many descriptors the supervisor has.
  public int descriptors() {
    return count(ofProcess(supervisorPid(), "fd"));
  }

  /// How many another process has.
  public int descriptorsOf(long pid) {
    return count(ofProcess(pid, "fd"));
  }

  /// How many threads it has.
  public int threads() {
    return count(ofProcess(supervisorPid(), "task"));
  }

  /// Whether this process has a thread of that name, of which the kernel knows 15 bytes.
  public boolean hasThread(String name) {
    return threadsNamed(pid(), name) > 0;
  }

  /// How many such threads the supervisor has.
  public long threadsNamed(String name) {
    return threadsNamed(supervisorPid(), name);
  }

  private static long threadsNamed(long pid, String name) {
    try (var threads = Files.list(ofProcess(pid, "task"))) {
      return threads.filter(thread -> isNamed(thread, name)).count();
    } catch (IOException e) {
      return 0; // the process has ended
    }
  }

  private static boolean isNamed(Path thread, String name) {
    try {
      return Files.readString(thread.resolve("comm")).equals(name + "\n");
    } catch (IOException e) {
      return false; // it has ended since
    }
  }

  private static Path ofProcess(long pid, String name) {
    return Path.of("/proc", "" + pid, name);
  }

  private static int count(Path directory) {
    String[] names = directory.toFile().list();
    return names == null ? 0 : names.length;
  }

  private static boolean holds(Path descriptors, Predicate<Path> what) {
    try (var links = Files.list(descriptors)) {
      return links.anyMatch(link -> leadsTo(link, what));
    } catch (IOException e) {
      return false; // the process has ended
    }
  }

  private static boolean leadsTo(Path link, Predicate<Path> what) {
    try {
      return what.test(Files.readSymbolicLink(link));
    } catch (IOException e) {
      return false; // it has been closed since
    }
  }

  /// The process ids of the workers of the supervisor; none, if that has ended.
  public List<Long> workers() {
    return process
        .children()
        .flatMap(ProcessHandle::children)
        .filter(child -> child.info().command().orElse("").endsWith("sluice-worker"))
        .map(ProcessHandle::pid)
        .toList();
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

  /// Where its records go, if it is supervised.
  public Optional<Path> audit() {
    return audit;
  }

  public void signal(String name) {
    signal(name, pid());
  }

  /// Returns when every thread of it is stopped.
  public void stop() {
    stop(pid());
  }

  /// The same of its supervisor. One of its threads may be stopped while another, which nobody has
  /// run since, still takes a call.
  public void stopSupervisor() {
    stop(supervisorPid());
  }

  private void stop(long pid) {
    signal("STOP", pid);
    await("the stop", () -> isStopped(pid));
  }

  private static boolean isStopped(long pid) {
    try (var threads = Files.list(ofProcess(pid, "task"))) {
      for (Path thread : threads.toList()) {
        if (!Files.readString(thread.resolve("status")).contains("State:\tT")) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false; // a thread has ended
    }
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

  /// Ends it with all it has started, and returns when none of them can make a file any more.
  @Override
  public void close() {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    long end = System.nanoTime() + SECONDS.toNanos(KILL_SECONDS);
    while (all.stream().anyMatch(Running::runs) && System.nanoTime() - end < 0) {
      pause();
    }
  }

  /// One that has ended, and that nobody has waited for, is alive still, without a program.
  private static boolean runs(ProcessHandle handle) {
    return handle.isAlive() && handle.info().command().isPresent();
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
