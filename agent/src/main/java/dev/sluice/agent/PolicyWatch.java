package dev.sluice.agent;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
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

  private final Path file;
  private final Sluice sluice;
  private final WatchService service;
  private byte[] known;

  private PolicyWatch(Path file, Sluice sluice, WatchService service) throws IOException {
    this.file = file;
    this.sluice = sluice;
    this.service = service;
    this.known = Files.readAllBytes(file);
  }

  static void start(Path file, Sluice sluice) throws IOException {
    Path directory = file.toAbsolutePath().resolveSibling(".");
    var service = directory.getFileSystem().newWatchService();
    // of the directory: an editor may put another file in the place of this one
    directory.register(
        service,
        StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_MODIFY,
        StandardWatchEventKinds.ENTRY_DELETE);
    var watch = new PolicyWatch(file, sluice, service);
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
      byte[] now = Files.readAllBytes(file);
      if (!Arrays.equals(now, known)) {
        known = now;
        sluice.reload();
      }
    } catch (PolicyException e) {
      e.diagnostics().forEach(System.err::println);
      Main.say("the policy has changed, but the one before still decides");
    } catch (IOException e) {
      Main.say("\"" + file + "\" cannot be read any more: the policy before still decides");
    }
  }
}
