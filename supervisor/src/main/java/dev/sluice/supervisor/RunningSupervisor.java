package dev.sluice.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A supervisor of this user that runs somewhere on this machine and takes orders
/// ([SluiceBuilder#reloadable]).
///
/// @param pid of its process
/// @param directory its private one
public record RunningSupervisor(long pid, Path directory) {
  private static final Pattern NAME = Pattern.compile(Session.PREFIX + "(\\d+)-.*");

  /// What agents that are asked have, too.
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /// Those there are, in the order of their process ids.
  public static List<RunningSupervisor> all() throws IOException {
    var found = new ArrayList<RunningSupervisor>();
    for (Path base : Session.bases()) {
      if (Files.isReadable(base) && Files.isDirectory(base)) { // it may be another user's
        try (var directories = Files.newDirectoryStream(base, Session.PREFIX + "*")) {
          for (Path directory : directories) {
            add(directory, found);
          }
        }
      }
    }
    found.sort((a, b) -> Long.compare(a.pid, b.pid));
    return found;
  }

  /// What has crashed leaves its directory.
  private static void add(Path directory, List<RunningSupervisor> to) throws IOException {
    Matcher matcher = NAME.matcher(directory.getFileName().toString());
    if (matcher.matches() && isOurs(directory)) {
      long pid = Long.parseLong(matcher.group(1));
      if (ProcessHandle.of(pid).isPresent()) {
        to.add(new RunningSupervisor(pid, directory));
      }
    }
  }

  /// Another user could have made a directory of that name.
  private static boolean isOurs(Path directory) throws IOException {
    try {
      return Files.isReadable(directory)
          && Files.exists(directory.resolve(ReloadSocket.NAME))
          && Files.getOwner(directory).equals(Files.getOwner(Path.of("/proc/self")));
    } catch (NoSuchFileException ended) {
      return false;
    }
  }

  /// Has it read its policy again. Returns why it still decides by the old one, a line for each
  /// reason; nothing to say if it does not. Empty if it is not running after all: a process of
  /// another kind has the number of one that was killed. Throws [SluiceException] if it does not
  /// answer, within a minute.
  public Optional<String> reload() {
    return ReloadSocket.askToReload(directory, PATIENCE);
  }
}
