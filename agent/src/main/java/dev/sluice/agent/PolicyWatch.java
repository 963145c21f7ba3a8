package dev.sluice.agent;

import dev.sluice.supervisor.Sluice;
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
import java.util.concurrent.TimeUnit;

/// Has a supervisor read its policy again whenever the file changes.
final class PolicyWatch {
  /// An editor writes in several steps. Other files of the directory may change all the time, as
  /// the command's or the audit log, so this is not a time without changes.
  private static final long SETTLE_MILLIS = 50;

  /// What is compared with what it was.
  private interface Content {
    byte[] read() throws IOException;
  }

  private final Path path;
  private final Content content;
  private final Sluice sluice;
  private final WatchService service;
  private byte[] known;

  private PolicyWatch(Path path, Content content, Sluice sluice, WatchService service)
      throws IOException {
    this.path = path;
    this.content = content;
    this.sluice = sluice;
    this.service = service;
    this.known = content.read();
  }

  static void ofFile(Path file, Sluice sluice) throws IOException {
    // of the directory: an editor may put another file in the place of this one
    start(file, file.toAbsolutePath().resolveSibling("."), () -> Files.readAllBytes(file), sluice);
  }

  /// A directory of policies, whose files may all be exchanged at once by a link (as Kubernetes
  /// does with those of a ConfigMap).
  static void ofDirectory(Path directory, Sluice sluice) throws IOException {
    start(directory, directory.toAbsolutePath(), () -> all(directory), sluice);
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

  private static void start(Path named, Path place, Content content, Sluice sluice)
      throws IOException {
    var service = place.getFileSystem().newWatchService();
    place.register(
        service,
        StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_MODIFY,
        StandardWatchEventKinds.ENTRY_DELETE);
    var watch = new PolicyWatch(named, content, sluice, service);
    var thread = new Thread(watch::run, "sluice-watch");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        WatchKey key = service.take();
        TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
        key.pollEvents();
        key.reset(); // what changes from here on is another event
        look();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try {
      byte[] now = content.read();
      if (!Arrays.equals(now, known)) {
        known = now;
        sluice.reload();
      }
    } catch (PolicyException e) {
      e.diagnostics().forEach(System.err::println);
      Main.say("the policy has changed, but the one before still decides");
    } catch (IOException | UncheckedIOException e) {
      Main.say("\"" + path + "\" cannot be read any more: the policy before still decides");
    }
  }
}
