package dev.sluice.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A group of cgroup v2 for one test. Without that hierarchy, or one that is ours to write to, the
/// test is skipped.
public final class Cgroup implements AutoCloseable {
  private static final Pattern MOUNT =
      Pattern.compile("^\\S+ \\S+ \\S+ \\S+ (\\S+) .*- cgroup2 ", Pattern.MULTILINE);

  private final Path root;
  private final Path group;

  private Cgroup(Path root, Path group) {
    this.root = root;
    this.group = group;
  }

  public static Cgroup make() throws IOException {
    Matcher mount = MOUNT.matcher(Files.readString(Path.of("/proc/self/mountinfo")));
    Optional<Path> root = mount.find() ? Optional.of(Path.of(mount.group(1))) : Optional.empty();
    assumeTrue(root.isPresent(), "no cgroup v2 is mounted here");
    assumeTrue(Files.isWritable(root.get()), "cgroup v2 is not ours to write to");
    Path group = Files.createTempDirectory(root.get(), "sluice-test-");
    assumeTrue(Files.exists(group.resolve("cgroup.freeze")), "cgroup v2 has no freezer here");
    return new Cgroup(root.get(), group);
  }

  public void add(long pid) throws IOException {
    Files.writeString(group.resolve("cgroup.procs"), "" + pid);
  }

  /// The same command, which enters it first.
  public Command enteredBy(Sandbox sandbox, Command command) {
    String script = "echo $$ >" + group.resolve("cgroup.procs") + " && exec \"$@\"";
    var words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    words.addAll(command.words());
    return sandbox.command(words);
  }

  /// Gives it to a user, as the group of a container is given to its root (cgroups(7)).
  public void delegateTo(int uid) throws IOException {
    for (String file : List.of(".", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control")) {
      Files.setAttribute(group.resolve(file), "unix:uid", uid);
    }
  }

  /// While the hierarchy has the option `nsdelegate`, as most have.
  public void delegateNamespaces(Runnable work) throws IOException {
    boolean hasIt = options().contains("nsdelegate");
    if (!hasIt) {
      remount("rw,nsdelegate");
    }
    try {
      work.run();
    } finally {
      if (!hasIt) {
        remount("rw");
      }
    }
  }

  private String options() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(" " + root + " "))
        .findFirst()
        .orElse("");
  }

  private void remount(String options) throws IOException {
    // with a source, options that it has and that are not named are taken off
    var words = List.of("mount", "-o", "remount," + options, "cgroup2", root.toString());
    if (new ProcessBuilder(words).inheritIO().start().onExit().join().exitValue() != 0) {
      throw new IOException("cannot remount " + root);
    }
  }

  /// Its directory.
  @Override
  public String toString() {
    return group.toString();
  }

  public void freeze(boolean frozen) throws IOException {
    Files.writeString(group.resolve("cgroup.freeze"), frozen ? "1" : "0");
  }

  /// Whether every task in it is.
  public boolean isFrozen() {
    try {
      return Files.readString(group.resolve("cgroup.events")).contains("frozen 1");
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    freeze(false);
    LimitedCgroup.evict(group, root);
    LimitedCgroup.delete(group);
  }
}
