package dev.sluice.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A directory for one test, that every user may write to, and the commands that run there. What
/// they leave running is ended with the test.
public final class Sandbox implements BeforeEachCallback, AfterEachCallback {
  private final List<Running> running = new ArrayList<>();
  private final AtomicInteger number = new AtomicInteger();
  private Path directory = Path.of("");

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    directory = Files.createTempDirectory("sluice-test-").toRealPath();
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    running.forEach(Running::close);
    remove();
  }

  /// What was about to end may have made one more file.
  private void remove() throws IOException {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (true) {
      try {
        Files.walkFileTree(directory, new Removal());
        return;
      } catch (DirectoryNotEmptyException e) {
        if (System.nanoTime() - end > 0) {
          throw e;
        }
        Running.pause();
      }
    }
  }

  public Path directory() {
    return directory;
  }

  public Path path(String name) {
    return directory.resolve(name);
  }

  /// Makes a file, and the directories above it.
  public Path file(String name, String content) {
    try {
      Path file = path(name);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Makes a program, by another process: what the machine that runs the tests has open for writing
  /// lies open, for a moment, in whatever other tests start meanwhile, too, and until then the
  /// kernel does not execute it (ETXTBSY).
  public Path executable(String name, String content) {
    Path file = file(name, "");
    command("sh", "-c", "rm \"$0\" && cat >\"$0\" && chmod 755 \"$0\"", file.toString())
        .input(content)
        .run()
        .mustSucceed();
    return file;
  }

  /// Makes a directory that every user may write to.
  public Path directory(String name) {
    try {
      Path made = Files.createDirectories(path(name));
      return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxrwxrwx"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A policy of these rules.
  public Path policy(String... rules) {
    var text = new StringBuilder("sluice: v1\nname: test\nrules:\n");
    Arrays.stream(rules).forEach(rule -> text.append(rule.indent(2)));
    return file("policy-" + number.incrementAndGet() + ".yaml", text.toString());
  }

  /// A policy that looks at the paths and addresses of all calls that are performed, and allows
  /// them.
  public Path lookAtEverything() {
    return Project.ROOT.resolve("tests/src/test/policies/everything.yaml");
  }

  /// A policy that looks at every program that is executed, and allows all of them.
  public Path verifyEverything() {
    return policy(
        """
        - name: nothing
          on: "@exec"
          when: path.glob("/nowhere/**")
          deny: EACCES
        """);
  }

  /// A policy that denies opening anything below a directory.
  public Path secret(Path under) {
    return policy(
        """
        - name: secret
          on: "@open"
          when: path.under("%s")
          deny: EACCES
        """
            .formatted(under));
  }

  /// A command in a mount namespace of its own, where a directory is mounted read-only. Needs root.
  public Command readOnly(Path mounted, List<String> words) {
    String script = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"";
    var all = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", script));
    all.add(mounted.toString());
    all.addAll(words);
    return new Command(this, all);
  }

  public Command command(List<String> words) {
    return new Command(this, words);
  }

  public Command command(String... words) {
    return new Command(this, List.of(words));
  }

  /// A command as root of an unprivileged container (`src/test/c/container.c`), which sees the
  /// programs of `src/test/c`, and nothing else of ours.
  public Command container(String... command) {
    return command(containerWith(List.of(), command));
  }

  /// The words of such a command, which sees these directories of the sandbox, too.
  public List<String> containerWith(List<String> seen, String... command) {
    var words = new ArrayList<>(List.of(Project.program("container")));
    words.addAll(List.of("-b", Project.ROOT.resolve("tests/target/c").toString()));
    seen.forEach(each -> words.addAll(List.of("-b", path(each).toString())));
    words.add(directory("container").toString());
    words.addAll(List.of(command));
    return words;
  }

  /// A program of `src/test/c`.
  public Command program(String name, String... arguments) {
    var words = new ArrayList<>(List.of(Project.program(name)));
    words.addAll(List.of(arguments));
    return new Command(this, words);
  }

  public Command shell(String script) {
    return command("sh", "-c", script);
  }

  /// `sluice` itself.
  public Command sluice(String... arguments) {
    var words = new ArrayList<>(List.of(Project.SCRIPT.toString()));
    words.addAll(List.of(arguments));
    return new Command(this, words);
  }

  /// Waits until no process is left whose command line has something of this directory in it: the
  /// supervisors, as they are given a policy that lies here, and what they supervise.
  public void awaitNoProcess() {
    long end = System.nanoTime() + Duration.ofSeconds(Running.PATIENCE_SECONDS).toNanos();
    List<String> left = processes();
    while (!left.isEmpty()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("still there:\n" + String.join("\n", left));
      }
      Running.pause();
      left = processes();
    }
  }

  private List<String> processes() {
    return ProcessHandle.allProcesses()
        .map(process -> process.pid() + " " + commandLine(process.pid()))
        .filter(line -> line.contains(directory.toString()))
        .toList();
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc", "" + pid, "cmdline"), StandardCharsets.ISO_8859_1)
          .replace('\0', ' ');
    } catch (IOException e) {
      return ""; // it has ended
    }
  }

  Path newAuditFile() {
    return path("audit-" + number.incrementAndGet() + ".jsonl");
  }

  synchronized void endWithTest(Running process) {
    running.add(process);
  }

  private static final class Removal extends SimpleFileVisitor<Path> {
    /// One that is gone already is no failure.
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      if (e instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw e;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
