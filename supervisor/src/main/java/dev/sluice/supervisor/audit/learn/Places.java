package dev.sluice.supervisor.audit.learn;

import dev.sluice.supervisor.audit.Denials;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Paths that were used, as the conditions that hold for them and for what may take their place the
/// next time: another process, another temporary file, another version.
final class Places {
  /// What is installed is the same for everybody.
  private static final List<String> INSTALLED =
      List.of("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin");

  private static final List<String> TEMPORARY = List.of("/tmp", "/var/tmp", "/dev/shm");

  /// In a home directory, what is looked at a few files at a time is not for everybody.
  private static final Set<String> PRIVATE =
      Set.of(
          ".ssh", ".gnupg", ".aws", ".kube", ".docker", ".config", ".mozilla", ".password-store");

  private static final int MANY = 8;
  private static final Pattern PROCESS = Pattern.compile("/proc/\\d+(/task/\\d+)?(/.*)?");
  private static final Pattern VERSION = Pattern.compile("\\d+(\\.\\d+)+");

  /// What has no name, and another number each time (pipe(7), proc(5)).
  private static final Pattern NAMELESS = Pattern.compile("((pipe|socket):\\[)\\d+\\]");

  /// What takes the place of a number: no name, which begins with a letter.
  private static final String NUMBER = "[0-9]*";

  private final String workingDirectory;
  private final String home;
  private final Set<String> paths = new TreeSet<>();
  private final boolean written;

  /// @param written whether they are changed rather than read: then less is generalised
  Places(String workingDirectory, String home, boolean written) {
    this.workingDirectory = workingDirectory;
    this.home = home;
    this.written = written;
  }

  void add(String path) {
    paths.add(path);
  }

  boolean isEmpty() {
    return paths.isEmpty();
  }

  /// One of them, for a test.
  Optional<String> example() {
    return paths.stream().filter(path -> !path.startsWith("/proc/")).findFirst();
  }

  /// CEL terms, one of which holds for each path.
  Set<String> terms() {
    Map<String, Integer> inHome = usedInHome();
    var terms = new TreeSet<String>();
    for (String path : paths) {
      terms.add(term(path, inHome));
    }
    return terms;
  }

  /// Whether one of them holds for another path, too.
  boolean include(String path) {
    return terms().contains(term(path, usedInHome()));
  }

  private Map<String, Integer> usedInHome() {
    Map<String, Integer> inHome = new TreeMap<>();
    paths.forEach(
        path -> firstInHome(path).ifPresent(first -> inHome.merge(first, 1, Integer::sum)));
    return inHome;
  }

  private String term(String path, Map<String, Integer> inHome) {
    Matcher nameless = NAMELESS.matcher(path);
    if (nameless.matches()) {
      return "path.startsWith(" + Denials.cel(nameless.group(1)) + ")";
    }
    if (PROCESS.matcher(path).matches()) {
      String any =
          literal(path)
              .replaceFirst("/proc/\\d+", "/proc/" + NUMBER)
              .replaceFirst("/task/\\d+", "/task/" + NUMBER);
      return glob(any);
    }
    var wide = new ArrayList<String>();
    if (!isUnder(home, workingDirectory)) {
      wide.add(workingDirectory);
    }
    if (!written) {
      wide.addAll(INSTALLED);
    }
    for (String directory : wide) {
      if (isUnder(path, directory)) {
        return under(directory);
      }
    }
    for (String directory : TEMPORARY) {
      if (path.startsWith(directory + "/") && !isUnder(home, directory)) {
        return under(directory);
      }
      if (path.lastIndexOf('/') == directory.length() && isUnder(path, directory)) {
        return glob(directory + "/*");
      }
    }
    Optional<String> first = firstInHome(path);
    if (first.isPresent()) {
      boolean all =
          !written && inHome.getOrDefault(first.get(), 0) > MANY && !PRIVATE.contains(first.get());
      // a directory that was only listed or made says nothing of what lies in it
      return all ? under("~/" + first.get()) : "path == " + Denials.cel(path);
    }
    return VERSION.matcher(path).find()
        ? glob(VERSION.matcher(literal(path)).replaceAll(NUMBER + "." + NUMBER))
        : "path == " + Denials.cel(path);
  }

  private Optional<String> firstInHome(String path) {
    if (!path.startsWith(home + "/")) {
      return Optional.empty();
    }
    return Optional.of(path.substring(home.length() + 1).split("/", 2)[0]);
  }

  private static boolean isUnder(String path, String directory) {
    return directory.equals("/") || path.equals(directory) || path.startsWith(directory + "/");
  }

  private static String under(String directory) {
    return "path.under(" + Denials.cel(directory) + ")";
  }

  private static String glob(String pattern) {
    return "path.glob(" + Denials.cel(pattern) + ")";
  }

  /// The pattern that matches a path alone.
  private static String literal(String path) {
    return path.replaceAll("[*?\\[{\\\\]", "\\\\$0");
  }
}
