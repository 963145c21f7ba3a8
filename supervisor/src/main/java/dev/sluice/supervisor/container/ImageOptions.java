package dev.sluice.supervisor.container;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.target.Abort;
import java.nio.charset.StandardCharsets;
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

  /// `struct ext4_super_block`, and where it has s_journal_dev and s_mount_opts.
  private static final int SUPERBLOCK = 1024;

  private static final int SIZEOF_SUPERBLOCK = 1024;
  private static final int JOURNAL_DEV = SUPERBLOCK + 0xe4;
  private static final int MOUNT_OPTS = SUPERBLOCK + 0x200;
  private static final int SIZEOF_MOUNT_OPTS = 64;
  private static final Pattern JOURNAL_ELSEWHERE = Pattern.compile("journal_(dev|path)");

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
  /// And it can say, in two places, on which other device of the machine its journal is: one that
  /// is only read gets on without.
  static List<String> complete(String fstype, List<String> options, boolean writable) {
    if (!fstype.equals("ext4")) {
      return options;
    }
    var all = new ArrayList<>(options);
    if (options.stream().noneMatch(name -> name.startsWith("errors="))) {
      all.add("errors=remount-ro");
    }
    if (!writable) {
      all.add("noload");
    }
    return all;
  }

  /// Throws [Abort] with EINVAL if an ext4 says that its journal is on another device. Whoever may
  /// write to it can still change that before the kernel reads it.
  static void checkJournal(String fstype, int image) {
    if (!fstype.equals("ext4")) {
      return;
    }
    NativeBytes start = NativeBytes.allocate(SUPERBLOCK + SIZEOF_SUPERBLOCK);
    long from = Files.seek(image, 0);
    int count = from < 0 ? (int) from : Files.read(image, start);
    byte[] text = new byte[SIZEOF_MOUNT_OPTS];
    start.get(MOUNT_OPTS, text, 0, text.length);
    String mountOptions = new String(text, StandardCharsets.ISO_8859_1);
    if (Abort.check(count) < start.size()
        || start.getInt(JOURNAL_DEV) != 0
        || JOURNAL_ELSEWHERE.matcher(mountOptions).find()) {
      throw Abort.errno(Errno.EINVAL);
    }
  }
}
