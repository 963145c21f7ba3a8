package dev.sluice.agent.options;

import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.Supervised;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Has a supervisor read its policy again whenever the file changes, from before it reads it first.
final class PolicyWatch {
  /// An editor writes in several steps. Other files of the directory may change all the time, as
  /// the command's or the audit log, so this is not a time without changes.
  private static final long SETTLE_MILLIS = 50;

  /// What is compared with what it was.
  private interface Content {
    byte[] read() throws IOException;
  }

  /// How soon it is noticed that another directory is in the place of the one that is watched.
  private static final long LOOK_SECONDS = 5;

  /// A refusal may be over although the policy is the same: the filter of a container stood in its
  /// way, or something that the policy refers to was not there.
  private static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);

  /// That it was refused.
  ///
  /// @param supervised who was then
  private record Refusal(String why, List<Supervised> supervised, long atNanos) {
    boolean mayBeOver() {
      return System.nanoTime() - atNanos >= RETRY_NANOS
          || supervised.stream().anyMatch(each -> each.ended().isDone());
    }
  }

  private final Path path;
  private final Path directory;
  private final Content content;
  private final WatchService service;
  private WatchKey key;
  private boolean gone;
  private byte[] known;
  private Optional<Refusal> refusal = Optional.empty();

  private PolicyWatch(Path path, Path directory, Content content) throws IOException {
    this.path = path;
    this.directory = directory;
    this.content = content;
    this.service = directory.getFileSystem().newWatchService();
    this.key = register();
    this.known = content.read();
  }

  /// Empty if it cannot be watched.
  static Optional<PolicyWatch> ofFile(Path file) {
    // of the directory: an editor may put another file in the place of this one
    return of(file, file.toAbsolutePath().resolveSibling("."), () -> Files.readAllBytes(file));
  }

  /// A directory of policies, whose files may all be exchanged at once by a link (as Kubernetes
  /// does with those of a ConfigMap).
  static Optional<PolicyWatch> ofDirectory(Path directory) {
    return of(directory, directory.toAbsolutePath(), () -> all(directory));
  }

  private static byte[] all(Path directory) throws IOException {
    var all = new ByteArrayOutputStream();
    try (var files = Files.list(directory)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        all.write(file.toString().getBytes(StandardCharsets.UTF_8));
        all.write(Files.readAllBytes(file));
      }
    }
    return all.toByteArray();
  }

  /// What cannot be watched (inotify(7) has limits for a user) is no reason to supervise nothing.
  private static Optional<PolicyWatch> of(Path named, Path place, Content content) {
    try {
      return Optional.of(new PolicyWatch(named, place, content));
    } catch (IOException e) {
      Output.say(
          "--watch: \""
              + named
              + "\" cannot be watched, so that only 'sluice reload' has it read again: "
              + FileErrors.reason(e));
      return Optional.empty();
    }
  }

  /// Has it read again by `sluice` from now on, and at once if it is another already.
  void start(Sluice sluice) {
    var thread = new Thread(() -> run(sluice), "sluice-policies");
    thread.setDaemon(true);
    thread.start();
  }

  /// The same key again, if the directory is the same.
  private WatchKey register() throws IOException {
    return directory.register(
        service,
        StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_MODIFY,
        StandardWatchEventKinds.ENTRY_DELETE);
  }

  private void run(Sluice sluice) {
    look(sluice);
    try {
      while (true) {
        WatchKey changed = service.poll(LOOK_SECONDS, TimeUnit.SECONDS);
        if (changed != null) {
          TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
          changed.pollEvents();
          changed.reset(); // what changes from here on is another event
        }
        if (isAnother() || changed != null || refusal.isPresent()) {
          look(sluice);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whether the directory is another than before, or gone, or there again: it has been renamed,
  /// say.
  private boolean isAnother() {
    boolean before = gone;
    try {
      WatchKey now = register();
      boolean other = !now.equals(key);
      if (other) {
        key.cancel();
        key = now;
      }
      gone = false;
      return other || before;
    } catch (IOException e) {
      gone = true;
      return !before; // what is read next says it
    }
  }

  private void look(Sluice sluice) {
    byte[] now = read();
    if (Arrays.equals(now, known) && refusal.filter(Refusal::mayBeOver).isEmpty()) {
      return;
    }
    known = now;
    List<Supervised> supervised = sluice.supervised();
    try {
      sluice.reload();
      refusal = Optional.empty();
    } catch (PolicyException e) {
      String lines =
          e.diagnostics().stream().map(each -> each + "\n").collect(Collectors.joining());
      var _ =
          refused(supervised, lines, "the policy has changed, but the one before still decides");
    } catch (RuntimeException | OutOfMemoryError e) { // a later one may be better
      String what = "\"" + path + "\" has changed, but the policy before still decides";
      if (refused(supervised, e + "\n", what)) {
        e.printStackTrace();
      }
    }
  }

  /// Nothing if it cannot be read: whoever reads it then says why.
  private byte[] read() {
    try {
      return content.read();
    } catch (IOException | UncheckedIOException e) {
      return new byte[0];
    }
  }

  /// Says so, unless it was said of the last try. Returns whether it did.
  private boolean refused(List<Supervised> supervised, String why, String what) {
    boolean isNew = refusal.filter(before -> before.why.equals(why)).isEmpty();
    if (isNew) {
      System.err.print(why);
      Output.say(what);
    }
    refusal = Optional.of(new Refusal(why, supervised, System.nanoTime()));
    return isNew;
  }
}
