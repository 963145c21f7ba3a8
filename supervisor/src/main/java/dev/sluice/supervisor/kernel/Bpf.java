package dev.sluice.supervisor.kernel;

/// bpf(2) for programs that say which devices a cgroup may use, and `union bpf_attr` as they need
/// it. What is asked here is asked as ourselves, for which one needs CAP_SYS_ADMIN. All return what
/// the kernel returned: a result, or -errno.
public final class Bpf {
  public static final int PROG_LOAD = 5;
  public static final int PROG_ATTACH = 8;
  public static final int PROG_DETACH = 9;
  private static final int PROG_GET_NEXT_ID = 11;
  public static final int PROG_GET_FD_BY_ID = 13;
  public static final int OBJ_GET_INFO_BY_FD = 15;
  public static final int PROG_QUERY = 16;

  public static final int PROG_TYPE_CGROUP_SKB = 8;
  public static final int PROG_TYPE_CGROUP_DEVICE = 15;
  public static final int CGROUP_DEVICE = 6;
  public static final int F_ALLOW_MULTI = 2;
  public static final int F_REPLACE = 4;

  /// The size of the attributes in Linux 6.4, and a page, which is the most that the kernel takes.
  public static final int SIZEOF_ATTR = 144;

  public static final int MAX_ATTR = 4096;

  /// BPF_PROG_LOAD
  public static final int PROG_TYPE = 0;

  public static final int INSN_CNT = 4;
  public static final int INSNS = 8;
  public static final int LICENSE = 16;
  public static final int LOG_LEVEL = 24;
  public static final int LOG_SIZE = 28;
  public static final int LOG_BUF = 32;
  public static final int PROG_FLAGS = 44;
  public static final int PROG_NAME = 48;
  public static final int PROG_IFINDEX = 64;
  public static final int EXPECTED_ATTACH_TYPE = 68;
  public static final int PROG_BTF_FD = 72;
  public static final int LOG_TRUE_SIZE = 140;

  /// BPF_PROG_ATTACH, BPF_PROG_DETACH
  public static final int TARGET_FD = 0;

  public static final int ATTACH_BPF_FD = 4;
  public static final int ATTACH_TYPE = 8;
  public static final int ATTACH_FLAGS = 12;
  public static final int REPLACE_BPF_FD = 16;
  public static final int END_OF_ATTACH = 20;

  /// BPF_PROG_QUERY
  public static final int QUERY_TARGET_FD = 0;

  public static final int QUERY_ATTACH_TYPE = 4;
  public static final int QUERY_FLAGS = 8;
  public static final int QUERY_ATTACH_FLAGS = 12;
  public static final int QUERY_PROG_IDS = 16;
  public static final int QUERY_PROG_CNT = 24;
  public static final int END_OF_QUERY = 28;

  /// BPF_PROG_GET_FD_BY_ID
  public static final int PROG_ID = 0;

  private static final int NEXT_ID = 4;

  /// BPF_OBJ_GET_INFO_BY_FD
  public static final int INFO_FD = 0;

  public static final int INFO_LEN = 4;
  public static final int INFO = 8;
  public static final int END_OF_INFO = 16;

  /// `struct bpf_prog_info`, of which there may be more
  public static final int SIZEOF_INFO = 232;

  public static final int INFO_TYPE = 0;
  public static final int INFO_LOAD_TIME = 40;
  public static final int INFO_CREATED_BY_UID = 48;
  public static final int INFO_NAME = 64;

  private Bpf() {}

  private static int call(int command, NativeBytes attr) {
    return (int)
        CLibrary.keep(
            CLibrary.syscall(SyscallNumber.BPF, command, attr.address(), SIZEOF_ATTR), attr);
  }

  /// The number of the program after `id`; -ENOENT if it is the last.
  public static int nextProgram(int id) {
    var attr = NativeBytes.allocate(SIZEOF_ATTR);
    attr.putInt(PROG_ID, id);
    int result = call(PROG_GET_NEXT_ID, attr);
    return result < 0 ? result : attr.getInt(NEXT_ID);
  }

  /// A descriptor for a program, close-on-exec.
  public static int program(int id) {
    var attr = NativeBytes.allocate(SIZEOF_ATTR);
    attr.putInt(PROG_ID, id);
    return call(PROG_GET_FD_BY_ID, attr);
  }

  /// Copies what is to be known of a program, without its instructions, to `info`, which has
  /// nothing but zeros.
  public static int info(int program, NativeBytes info) {
    var attr = NativeBytes.allocate(SIZEOF_ATTR);
    attr.putInt(INFO_FD, program);
    attr.putInt(INFO_LEN, (int) info.size());
    attr.putLong(INFO, info.address());
    return (int) CLibrary.keep(call(OBJ_GET_INFO_BY_FD, attr), info);
  }

  /// Asks for the device programs of a cgroup. Their number and flags are in `attr` afterwards.
  ///
  /// @param ids room for the numbers of as many as fit
  public static int query(int cgroup, NativeBytes attr, NativeBytes ids) {
    attr.clear();
    attr.putInt(QUERY_TARGET_FD, cgroup);
    attr.putInt(QUERY_ATTACH_TYPE, CGROUP_DEVICE);
    attr.putLong(QUERY_PROG_IDS, ids.address());
    attr.putInt(QUERY_PROG_CNT, (int) ids.size() / Integer.BYTES);
    return (int) CLibrary.keep(call(PROG_QUERY, attr), ids);
  }
}
