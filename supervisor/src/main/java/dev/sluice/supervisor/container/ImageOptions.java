package dev.sluice.supervisor.container;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.target.Abort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// The file systems whose images are mounted for containers, and the options they may give. What is
/// not listed may do harm outside of the mount: panic the machine (`errors=panic`), or use other
/// devices (`journal_path`, `logdev`, `device`).
final class ImageOptions {
  private static final Map<String, Pattern> BY_TYPE =
      Map.of(
          "ext4", Pattern.compile("noload|norecovery|errors=(continue|remount-ro)"),
          "xfs", Pattern.compile("norecovery|nouuid"),
          "btrfs", Pattern.compile("subvol=.+|subvolid=\\d{1,19}"),
          "squashfs", Pattern.compile("errors=continue"),
          "erofs", Pattern.compile("(no)?(acl|user_xattr)"));

  private static final Pattern ALWAYS = Pattern.compile("|ro|rw|sync|dirsync|lazytime");

  private ImageOptions() {}

  static Set<String> types() {
    return BY_TYPE.keySet();
  }

  /// Those of mount(2), as one string. Throws [Abort] with EINVAL.
  static List<String> parse(String fstype, String data) {
    var options = new ArrayList<String>();
    for (String option : data.split(",", -1)) {
      if (!option.isEmpty()) {
        options.add(check(fstype, option));
      }
    }
    return options;
  }

  /// One option, such as `errors=continue`. Throws [Abort] with EINVAL.
  static String check(String fstype, String option) {
    Pattern allowed = BY_TYPE.get(fstype);
    if (allowed == null
        || !(allowed.matcher(option).matches() || ALWAYS.matcher(option).matches())) {
      throw Abort.errno(Errno.EINVAL);
    }
    return option;
  }

  /// Those, and what is not left to the image: the superblock of an ext4 can ask for a panic too,
  /// in two places (tune2fs(8), `-e` and `-E mount_opts`), which both count less than an option.
  static List<String> complete(String fstype, List<String> options) {
    if (!fstype.equals("ext4") || options.stream().anyMatch(name -> name.startsWith("errors="))) {
      return options;
    }
    var all = new ArrayList<>(options);
    all.add("errors=remount-ro");
    return all;
  }
}
