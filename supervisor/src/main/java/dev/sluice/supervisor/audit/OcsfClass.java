package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.syscall.Groups;
import java.util.List;
import java.util.Set;

/// What OCSF 1.5 calls the activity of a call (schema.ocsf.io/1.5.0/classes). A call that is none
/// of the others invokes the kernel.
///
/// @param category its number there
/// @param uid the number of the class
/// @param activity within that
record OcsfClass(int category, int uid, int activity) {
  private static final int SYSTEM = 1;
  private static final int NETWORK = 4;
  static final int FILE = 1001;
  static final int KERNEL = 1003;
  static final int PROCESS = 1007;
  static final int CONNECTION = 4001;

  private static final Set<String> EXEC = Groups.members("@exec").orElseThrow();
  private static final Set<String> OPEN = Groups.members("@open").orElseThrow();
  private static final Set<String> CONNECT = Groups.members("@connect").orElseThrow();
  private static final Set<String> MAKING =
      Set.of("mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat", "link", "linkat");
  private static final Set<String> WRITING = Set.of("O_WRONLY", "O_RDWR", "O_TRUNC");
  private static final int OTHER = 99;

  static OcsfClass of(AuditRecord record) {
    String call = record.syscall();
    if (EXEC.contains(call) && !record.paths().isEmpty()) {
      return new OcsfClass(SYSTEM, PROCESS, 1);
    }
    if (record.address().isPresent()) {
      boolean opens = CONNECT.contains(call) && record.address().get().port() >= 0;
      return new OcsfClass(NETWORK, CONNECTION, opens ? 1 : call.equals("bind") ? 7 : OTHER);
    }
    return record.paths().isEmpty()
        ? new OcsfClass(SYSTEM, KERNEL, 4)
        : new OcsfClass(SYSTEM, FILE, onFile(record));
  }

  private static int onFile(AuditRecord record) {
    String call = record.syscall();
    if (OPEN.contains(call)) {
      return has(record, Set.of("O_CREAT")) || call.equals("creat")
          ? 1
          : has(record, WRITING) ? 3 : 2;
    }
    if (MAKING.contains(call)) {
      return 1;
    }
    if (call.startsWith("unlink") || call.equals("rmdir")) {
      return 4;
    }
    if (call.startsWith("rename")) {
      return 5;
    }
    if (call.contains("chmod") || call.contains("chown") || call.contains("setxattr")) {
      return 7;
    }
    if (call.contains("stat") || call.startsWith("access") || call.startsWith("faccess")) {
      return 8;
    }
    return switch (call) {
      case "mount" -> 12;
      case "umount2" -> 13;
      case "truncate" -> 3;
      case "utimensat", "utime", "utimes", "futimesat" -> 6;
      default -> OTHER;
    };
  }

  private static boolean has(AuditRecord record, Set<String> words) {
    return record.arguments().stream()
        .filter(argument -> argument.name().endsWith("flags"))
        .anyMatch(argument ->
            argument.value() instanceof Argument.Symbolic(String text)
                && List.of(text.split("\\|", -1)).stream().anyMatch(words::contains));
  }

  /// `class_uid` and `activity_id` in one number.
  long type() {
    return uid * 100L + activity;
  }
}
