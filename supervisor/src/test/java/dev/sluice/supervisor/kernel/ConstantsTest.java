package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.sluice.supervisor.CHeaders;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every number this package has from a header is the number in that header. Constants are found by
/// reflection, so none can be forgotten.
class ConstantsTest {
  /// Where the constants of a class come from.
  ///
  /// @param prefix before the names of C, which are otherwise the same
  /// @param others C expressions for the constants that are called otherwise; none for what is our
  ///   own choice
  record Source(
      Class<?> type, String headers, String prefix, Map<String, String> others, String fallback) {
    Source(Class<?> type, String headers, String prefix, Map<String, String> others) {
      this(type, headers, prefix, others, "");
    }

    @Override
    public String toString() {
      return type.getSimpleName();
    }

    String expressionOf(String constant) {
      return others.getOrDefault(constant, prefix + constant);
    }
  }

  private static final String OURS = "";

  /// Linux 6.11 has it, older headers have not.
  private static final String PROCMAP =
      """
      #include <linux/types.h>
      #include <sys/ioctl.h>
      #ifndef PROCMAP_QUERY
      struct procmap_query {
        __u64 size, query_flags, query_addr, vma_start, vma_end, vma_flags, vma_page_size, vma_offset,
          inode;
        __u32 dev_major, dev_minor, vma_name_size, build_id_size;
        __u64 vma_name_addr, build_id_addr;
      };
      #define PROCMAP_QUERY _IOWR('f', 17, struct procmap_query)
      #define PROCMAP_QUERY_VMA_WRITABLE 2
      #endif
      """;

  static List<Source> sources() {
    return List.of(
        new Source(
            AddressSpace.class,
            "stddef.h linux/fs.h",
            "",
            Map.of(
                "SIZEOF_PROCMAP_QUERY", "sizeof(struct procmap_query)",
                "QUERY_ADDR", "offsetof(struct procmap_query, query_addr)",
                "VMA_END", "offsetof(struct procmap_query, vma_end)",
                "VMA_FLAGS", "offsetof(struct procmap_query, vma_flags)"),
            PROCMAP),
        new Source(
            Bpf.class,
            "linux/bpf.h",
            "BPF_",
            Map.ofEntries(
                Map.entry("SIZEOF_ATTR", OURS),
                Map.entry("MAX_ATTR", OURS),
                Map.entry("PROG_TYPE", "offsetof(union bpf_attr, prog_type)"),
                Map.entry("INSN_CNT", "offsetof(union bpf_attr, insn_cnt)"),
                Map.entry("INSNS", "offsetof(union bpf_attr, insns)"),
                Map.entry("LICENSE", "offsetof(union bpf_attr, license)"),
                Map.entry("LOG_LEVEL", "offsetof(union bpf_attr, log_level)"),
                Map.entry("LOG_SIZE", "offsetof(union bpf_attr, log_size)"),
                Map.entry("LOG_BUF", "offsetof(union bpf_attr, log_buf)"),
                Map.entry("PROG_FLAGS", "offsetof(union bpf_attr, prog_flags)"),
                Map.entry("PROG_NAME", "offsetof(union bpf_attr, prog_name)"),
                Map.entry("PROG_IFINDEX", "offsetof(union bpf_attr, prog_ifindex)"),
                Map.entry("EXPECTED_ATTACH_TYPE", "offsetof(union bpf_attr, expected_attach_type)"),
                Map.entry("PROG_BTF_FD", "offsetof(union bpf_attr, prog_btf_fd)"),
                Map.entry("LOG_TRUE_SIZE", OURS), // 6.4
                Map.entry("TARGET_FD", "offsetof(union bpf_attr, target_fd)"),
                Map.entry("ATTACH_BPF_FD", "offsetof(union bpf_attr, attach_bpf_fd)"),
                Map.entry("ATTACH_TYPE", "offsetof(union bpf_attr, attach_type)"),
                Map.entry("ATTACH_FLAGS", "offsetof(union bpf_attr, attach_flags)"),
                Map.entry("REPLACE_BPF_FD", "offsetof(union bpf_attr, replace_bpf_fd)"),
                Map.entry("END_OF_ATTACH", "offsetof(union bpf_attr, replace_bpf_fd) + 4"),
                Map.entry("QUERY_TARGET_FD", "offsetof(union bpf_attr, query.target_fd)"),
                Map.entry("QUERY_ATTACH_TYPE", "offsetof(union bpf_attr, query.attach_type)"),
                Map.entry("QUERY_FLAGS", "offsetof(union bpf_attr, query.query_flags)"),
                Map.entry("QUERY_ATTACH_FLAGS", "offsetof(union bpf_attr, query.attach_flags)"),
                Map.entry("QUERY_PROG_IDS", "offsetof(union bpf_attr, query.prog_ids)"),
                Map.entry("QUERY_PROG_CNT", "offsetof(union bpf_attr, query.prog_cnt)"),
                Map.entry("END_OF_QUERY", "offsetof(union bpf_attr, query.prog_cnt) + 4"),
                Map.entry("PROG_ID", "offsetof(union bpf_attr, prog_id)"),
                Map.entry("NEXT_ID", "offsetof(union bpf_attr, next_id)"),
                Map.entry("INFO_FD", "offsetof(union bpf_attr, info.bpf_fd)"),
                Map.entry("INFO_LEN", "offsetof(union bpf_attr, info.info_len)"),
                Map.entry("INFO", "offsetof(union bpf_attr, info.info)"),
                Map.entry("END_OF_INFO", "offsetof(union bpf_attr, info.info) + 8"),
                Map.entry("SIZEOF_INFO", OURS),
                Map.entry("INFO_TYPE", "offsetof(struct bpf_prog_info, type)"),
                Map.entry("INFO_LOAD_TIME", "offsetof(struct bpf_prog_info, load_time)"),
                Map.entry("INFO_CREATED_BY_UID", "offsetof(struct bpf_prog_info, created_by_uid)"),
                Map.entry("INFO_NAME", "offsetof(struct bpf_prog_info, name)"))),
        new Source(
            FileHandles.class,
            "fcntl.h",
            "",
            Map.of("F_HANDLE", "offsetof(struct file_handle, f_handle)")),
        new Source(Descriptors.class, "linux/limits.h", "", Map.of("DIRECTORY", OURS)),
        new Source(Scratch.class, "linux/limits.h", "", Map.of()),
        new Source(
            Files.class,
            "linux/fcntl.h linux/memfd.h linux/openat2.h linux/sched.h",
            "",
            Map.of(
                "SIZEOF_OPEN_HOW", "sizeof(struct open_how)",
                "READABLE", OURS,
                "ALL_SEALS", "F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE"),
            """
            #ifndef MFD_NOEXEC_SEAL /* 6.3 */
            #define MFD_NOEXEC_SEAL 0x0008U
            #endif
            """),
        new Source(
            LoopDevice.class,
            "linux/loop.h linux/major.h sys/stat.h",
            "",
            Map.of(
                "SIZEOF_LOOP_CONFIG", "sizeof(struct loop_config)",
                "FD", "offsetof(struct loop_config, fd)",
                "LO_FLAGS", "offsetof(struct loop_config, info.lo_flags)",
                "ATTEMPTS", OURS)),
        new Source(
            Mounts.class,
            "sys/mount.h",
            "",
            Map.ofEntries(
                Map.entry("ATTR_RDONLY", "MOUNT_ATTR_RDONLY"),
                Map.entry("ATTR_NOSUID", "MOUNT_ATTR_NOSUID"),
                Map.entry("ATTR_NODEV", "MOUNT_ATTR_NODEV"),
                Map.entry("ATTR_NOEXEC", "MOUNT_ATTR_NOEXEC"),
                Map.entry("ATTR_IDMAP", "MOUNT_ATTR_IDMAP"),
                Map.entry("ATTR_NOATIME", "MOUNT_ATTR_NOATIME"),
                Map.entry("ATTR_NODIRATIME", "MOUNT_ATTR_NODIRATIME"),
                Map.entry("ATTR_NOSYMFOLLOW", "MOUNT_ATTR_NOSYMFOLLOW"),
                Map.entry("ATTR_STRICTATIME", "MOUNT_ATTR_STRICTATIME"),
                Map.entry("SIZEOF_MOUNT_ATTR", "sizeof(struct mount_attr)"),
                Map.entry("ATTR_SET", "offsetof(struct mount_attr, attr_set)"),
                Map.entry("USERNS_FD", "offsetof(struct mount_attr, userns_fd)"),
                Map.entry("MNT_ID", "offsetof(struct mnt_id_req, mnt_id)"),
                Map.entry("PARAM", "offsetof(struct mnt_id_req, param)"),
                Map.entry("MNT_NS_ID", "offsetof(struct mnt_id_req, mnt_ns_id)"),
                Map.entry("OWN_NAMESPACE", OURS),
                Map.entry("SB_MAGIC", "offsetof(struct statmount, sb_magic)"),
                Map.entry("SIZEOF_STATMOUNT", "sizeof(struct statmount)")),
            """
            #include <stdint.h>
            #ifndef MS_NOSYMFOLLOW /* 5.10 */
            #define MS_NOSYMFOLLOW 256
            #endif
            #ifndef MOVE_MOUNT_SET_GROUP /* 5.15 */
            #define MOVE_MOUNT_SET_GROUP 0x00000100
            #endif
            #ifndef MOVE_MOUNT_BENEATH /* 6.5 */
            #define MOVE_MOUNT_BENEATH 0x00000200
            #endif
            #ifndef STATMOUNT_SB_BASIC /* 6.8 */
            #define STATMOUNT_SB_BASIC 1
            #define MNT_ID_REQ_SIZE_VER0 24
            #define MNT_ID_REQ_SIZE_VER1 32
            struct mnt_id_req { uint32_t size, spare; uint64_t mnt_id, param, mnt_ns_id; };
            struct statmount {
              uint32_t size, spare;
              uint64_t mask;
              uint32_t sb_dev_major, sb_dev_minor;
              uint64_t sb_magic, rest[60];
            };
            #endif
            """),
        new Source(
            Namespaces.class,
            "linux/types.h linux/nsfs.h",
            "",
            Map.of(),
            """
            #ifndef NS_GET_MNTNS_ID /* 6.11 */
            #define NS_GET_MNTNS_ID _IOR(NSIO, 0x5, __u64)
            #endif
            #ifndef NS_GET_PID_FROM_PIDNS /* 6.11 */
            #define NS_GET_PID_FROM_PIDNS _IOR(NSIO, 0x6, int)
            #endif
            """),
        new Source(OpenFlags.class, "linux/fcntl.h linux/openat2.h", "", Map.of()),
        new Source(
            ProcessMemory.class, "sys/uio.h", "", Map.of("SIZEOF_IOVEC", "sizeof(struct iovec)")),
        new Source(
            Ptrace.class,
            "sys/ptrace.h sys/wait.h",
            "PTRACE_",
            Map.of("WNOTHREAD", "__WNOTHREAD", "WALL", "__WALL")),
        new Source(
            Processes.class,
            "signal.h sys/wait.h sys/resource.h linux/prctl.h linux/kcmp.h",
            "",
            Map.of(
                "SIZEOF_SIGINFO", "sizeof(siginfo_t)",
                "SI_CODE", "offsetof(siginfo_t, si_code)",
                "SI_STATUS", "offsetof(siginfo_t, si_status)")),
        new Source(Scratch.class, "linux/limits.h", "", Map.of()),
        new Source(
            Seccomp.class,
            "sys/ioctl.h linux/seccomp.h",
            "SECCOMP_",
            Map.of(
                "RET_ACTION", "SECCOMP_RET_ACTION_FULL",
                "NOTIF_RECV", "SECCOMP_IOCTL_NOTIF_RECV",
                "NOTIF_SEND", "SECCOMP_IOCTL_NOTIF_SEND",
                "NOTIF_ID_VALID", "SECCOMP_IOCTL_NOTIF_ID_VALID",
                "NOTIF_ADDFD", "SECCOMP_IOCTL_NOTIF_ADDFD",
                "NOTIF_SET_FLAGS", "SECCOMP_IOCTL_NOTIF_SET_FLAGS"),
            """
            #ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* 6.6 */
            #define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
            #define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
            #endif
            """),
        new Source(
            SeccompAnswer.class,
            "linux/seccomp.h",
            "",
            Map.of(
                "RESPONSE_SIZE", "sizeof(struct seccomp_notif_resp)",
                "FLAG_CONTINUE", "SECCOMP_USER_NOTIF_FLAG_CONTINUE",
                "FLAG_SEND", "SECCOMP_ADDFD_FLAG_SEND")),
        new Source(
            SeccompNotif.class,
            "linux/seccomp.h",
            "",
            Map.of("SIZE", "sizeof(struct seccomp_notif)")),
        new Source(
            Signals.class,
            "signal.h",
            "",
            Map.of(
                "SIZEOF_SIGSET", "_NSIG / 8",
                "SIZEOF_SIGACTION", "2 * sizeof(void *) + sizeof(long) + _NSIG / 8"),
            """
            #ifndef SA_RESTORER /* of the kernel's own header */
            #define SA_RESTORER 0x04000000
            #endif
            """),
        new Source(
            Sockets.class,
            "sys/socket.h sys/un.h netinet/in.h linux/in6.h poll.h fcntl.h",
            "",
            Map.ofEntries(
                Map.entry("SIZEOF_SOCKADDR_UN", "sizeof(struct sockaddr_un)"),
                Map.entry("SIZEOF_CMSGHDR", "sizeof(struct cmsghdr)"),
                Map.entry("SUN_PATH", "offsetof(struct sockaddr_un, sun_path)"),
                Map.entry("NAME", "offsetof(struct msghdr, msg_name)"),
                Map.entry("NAME_LENGTH", "offsetof(struct msghdr, msg_namelen)"),
                Map.entry("PARTS", "offsetof(struct msghdr, msg_iov)"),
                Map.entry("PART_COUNT", "offsetof(struct msghdr, msg_iovlen)"),
                Map.entry("CONTROL", "offsetof(struct msghdr, msg_control)"),
                Map.entry("CONTROL_LENGTH", "offsetof(struct msghdr, msg_controllen)"),
                Map.entry("THOUSAND", OURS),
                Map.entry("MILLION", OURS))),
        new Source(
            Stat.class,
            "sys/stat.h",
            "",
            Map.of("WANTED", OURS, "NANOSECONDS", "offsetof(struct statx_timestamp, tv_nsec)"),
            """
            #ifndef STATX_MNT_ID_UNIQUE /* 6.8 */
            #define STATX_MNT_ID_UNIQUE 0x00004000U
            #endif
            """),
        new Source(FromOthers.class, "sys/socket.h", "", Map.of("PIECE", OURS)),
        new Source(Closers.class, "sys/socket.h", "", Map.of("FEW", OURS)),
        new Source(Poll.class, "poll.h", "", Map.of()),
        new Source(
            Terminal.class,
            "signal.h sys/ioctl.h asm/termbits.h",
            "",
            Map.of(
                "SIZEOF_TERMIOS", "sizeof(struct termios)",
                "C_IFLAG", "offsetof(struct termios, c_iflag)",
                "C_LFLAG", "offsetof(struct termios, c_lflag)",
                "C_CC", "offsetof(struct termios, c_cc)")),
        new Source(
            ThreadUsage.class,
            "sys/resource.h",
            "",
            Map.of(
                "SIZEOF_RUSAGE", "sizeof(struct rusage)",
                "NVCSW", "offsetof(struct rusage, ru_nvcsw)")),
        new Source(
            SocketMessage.class,
            "sys/socket.h sys/uio.h",
            "",
            Map.of(
                "SIZEOF_IOVEC", "sizeof(struct iovec)",
                "SIZEOF_MSGHDR", "sizeof(struct msghdr)",
                "SIZEOF_CMSGHDR", "sizeof(struct cmsghdr)",
                "CONTROL_AT", "sizeof(struct msghdr) + sizeof(struct iovec)",
                "CONTROL_ROOM", OURS,
                "BESIDES", OURS,
                "MOST_FDS", OURS), // SCM_MAX_FD, which no header says
            """
            #ifndef SCM_PIDFD /* 6.5 */
            #define SCM_PIDFD 0x04
            #endif
            """),
        new Source(
            UnixSocket.class,
            "sys/socket.h sys/un.h",
            "",
            Map.of(
                "SUN_PATH_MAX", "sizeof(((struct sockaddr_un *)0)->sun_path) - 1",
                "MAX_FDS", OURS,
                "LOOK_MILLIS", OURS,
                "SOME_GROUPS", OURS),
            """
            #ifndef SO_PEERPIDFD /* 6.5 */
            #define SO_PEERPIDFD 77
            #endif
            """));
  }

  @ParameterizedTest
  @MethodSource("sources")
  void areThoseOfTheHeaders(Source source) {
    var constants = new LinkedHashMap<Field, String>();
    for (Field field : numbersOf(source.type)) {
      if (!source.expressionOf(field.getName()).isEmpty()) {
        constants.put(field, source.expressionOf(field.getName()));
      }
    }
    Map<String, Long> truth =
        CHeaders.evaluate(
            source.toString(),
            CHeaders.include(source.headers) + source.fallback,
            Set.copyOf(constants.values()));
    constants.forEach((field, expression) -> {
      long ours = valueOf(field);
      long theirs = truth.getOrDefault(expression, 0L);
      boolean is32Bit = field.getType() == int.class;
      assertThat(ours).as(expression).isEqualTo(is32Bit ? (int) theirs : theirs);
    });
  }

  @Test
  void noClassOfThisPackageWithConstantsIsLeftOut() {
    Set<String> compared =
        sources().stream().map(source -> source.type.getName()).collect(Collectors.toSet());
    // two have tests of their own; what errors the kernel keeps to itself is in no header
    compared.addAll(Set.of(SyscallNumber.class.getName(), Errno.class.getName()));
    Set<String> having =
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(getClass().getPackageName())
                .stream()
                .filter(type -> type.getEnclosingClass().isEmpty())
                .map(JavaClass::reflect)
                .filter(type -> !numbersOf(type).isEmpty())
                .map(Class::getName)
                .collect(Collectors.toSet());
    assertThat(compared).containsAll(having);
  }

  private static List<Field> numbersOf(Class<?> type) {
    return Arrays.stream(type.getDeclaredFields())
        .filter(field -> Modifier.isStatic(field.getModifiers()))
        .filter(field -> field.getType() == int.class || field.getType() == long.class)
        .filter(field -> !field.getName().equals("serialVersionUID"))
        .toList();
  }

  private static long valueOf(Field field) {
    try {
      field.setAccessible(true);
      return ((Number) field.get(null)).longValue();
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
