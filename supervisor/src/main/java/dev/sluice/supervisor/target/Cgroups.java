package dev.sluice.supervisor.target;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where the directories of cgroups(7) are, of version 2 and of the controllers of version 1.
public final class Cgroups {
  /// Nothing but a newline ends one: among the bytes of a name there may be what Unicode takes for
  /// one.
  private static final int LINES = Pattern.MULTILINE | Pattern.UNIX_LINES;

  /// proc(5), mountinfo: the root of the mount, its place, and, behind a `-`, type and options,
  /// among which version 1 names its controllers.
  private static final Pattern MOUNT =
      Pattern.compile("^\\S+ \\S+ \\S+ (\\S+) (\\S+) .*- cgroup(2?) \\S+ (\\S+)$", LINES);

  /// Hierarchy, controllers, and path below the hierarchy's root; version 2 is hierarchy 0.
  private static final Pattern MEMBERSHIP = Pattern.compile("^\\d+:([^:]*):(/.*)$", LINES);

  /// How mountinfo writes white space and backslashes.
  private static final Pattern ESCAPE = Pattern.compile("\\\\([0-3][0-7]{2})");

  /// What stands in the place of the controllers for version 2.
  static final String UNIFIED = "";

  private record Mount(String root, CgroupDirectory place) {}

  private final Map<String, Mount> mounts;

  private Cgroups(Map<String, Mount> mounts) {
    this.mounts = Map.copyOf(mounts);
  }

  /// Those mounted where we are; none if that cannot be read.
  public static Cgroups ofSystem() {
    try {
      return parse(Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return new Cgroups(Map.of());
    }
  }

  public static Cgroups parse(String mountinfo) {
    var mounts = new HashMap<String, Mount>();
    Matcher mount = MOUNT.matcher(mountinfo);
    while (mount.find()) {
      var place = new CgroupDirectory(unescape(mount.group(2)));
      var found = new Mount(unescape(mount.group(1)), place);
      if (!mount.group(3).isEmpty()) {
        mounts.putIfAbsent(UNIFIED, found);
      } else {
        for (String option : mount.group(4).split(",", -1)) {
          mounts.putIfAbsent(option, found);
        }
      }
    }
    return new Cgroups(mounts);
  }

  private static String unescape(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(
            escape -> Matcher.quoteReplacement("" + (char) Integer.parseInt(escape.group(1), 8)));
  }

  /// The group of version 2 that a task is in.
  ///
  /// @param memberships its `/proc/PID/cgroup`
  public Optional<Cgroup> unified(String memberships) {
    return group(UNIFIED, memberships);
  }

  /// The group that decides what a task gets of `controller`, such as `memory`: in version 1, if it
  /// is mounted there, or in version 2.
  public Optional<Cgroup> of(String controller, String memberships) {
    Optional<Cgroup> old = group(controller, memberships);
    return old.isPresent() ? old : unified(memberships);
  }

  private Optional<Cgroup> group(String controller, String memberships) {
    Mount mount = mounts.get(controller);
    return mount == null
        ? Optional.empty()
        : path(controller, memberships)
            .map(path -> new Cgroup(chain(mount, path), controller.equals(UNIFIED)));
  }

  /// The directory of the group that a task is in, below the root of the hierarchy of `controller`,
  /// or [#UNIFIED]; empty if that is not mounted, or the group lies outside of what is.
  Optional<CgroupDirectory> directory(String controller, String memberships) {
    return group(controller, memberships).map(Cgroup::chain).stream()
        .flatMap(chain -> chain.stream().limit(1))
        .findFirst();
  }

  /// Where version 2 is mounted; empty if it is not.
  public Optional<CgroupDirectory> unifiedMount() {
    return Optional.ofNullable(mounts.get(UNIFIED)).map(Mount::place);
  }

  /// The path of that group, as `memberships` says it; empty if there is no such hierarchy.
  static Optional<String> path(String controller, String memberships) {
    Matcher matcher = MEMBERSHIP.matcher(memberships);
    while (matcher.find()) {
      if (List.of(matcher.group(1).split(",", -1)).contains(controller)) {
        return Optional.of(matcher.group(2));
      }
    }
    return Optional.empty();
  }

  private static List<CgroupDirectory> chain(Mount mount, String path) {
    boolean isBelow = (path + "/").startsWith(mount.root + "/");
    String group = (isBelow ? path.substring(mount.root.length()) : path).replaceFirst("^/+", "");
    var chain = new ArrayList<CgroupDirectory>();
    if (List.of(group.split("/", -1)).contains("..")) {
      return chain; // it is outside of our cgroup namespace
    }
    while (!group.isEmpty()) {
      chain.add(new CgroupDirectory(mount.place + "/" + group));
      group = group.substring(0, Math.max(0, group.lastIndexOf('/')));
    }
    return chain;
  }
}
