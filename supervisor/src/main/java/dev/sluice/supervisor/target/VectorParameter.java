package dev.sluice.supervisor.target;

import java.util.List;
import java.util.Set;

/// A parameter that points to a vector.
///
/// @param name in records: that of the manual page
/// @param register of the pointer
/// @param count the register that has the number of parts; -1 if a NULL ends them, or the pointer
///   is to a `struct msghdr`, which has both
/// @param outgoing whether the kernel reads what the parts point to
public record VectorParameter(Vector kind, String name, int register, int count, boolean outgoing) {
  private static final List<VectorParameter> EXECVE =
      List.of(strings(Vector.ARGV, "argv", 1), strings(Vector.ENV, "envp", 2));
  private static final List<VectorParameter> EXECVEAT =
      List.of(strings(Vector.ARGV, "argv", 2), strings(Vector.ENV, "envp", 3));
  private static final List<VectorParameter> WRITE = List.of(buffers("vec", 1, 2, true));
  private static final List<VectorParameter> READ = List.of(buffers("vec", 1, 2, false));
  private static final List<VectorParameter> SPLICE = List.of(buffers("iov", 1, 2, true));
  private static final List<VectorParameter> SEND = List.of(buffers("msg.msg_iov", 1, -1, true));
  private static final List<VectorParameter> RECEIVE =
      List.of(buffers("msg.msg_iov", 1, -1, false));
  private static final List<VectorParameter> WRITE_MEMORY =
      List.of(buffers("lvec", 1, 2, true), buffers("rvec", 3, 4, false));
  private static final List<VectorParameter> READ_MEMORY =
      List.of(buffers("lvec", 1, 2, false), buffers("rvec", 3, 4, false));

  private static VectorParameter strings(Vector kind, String name, int register) {
    return new VectorParameter(kind, name, register, -1, true);
  }

  private static VectorParameter buffers(String name, int register, int count, boolean outgoing) {
    return new VectorParameter(Vector.DATA, name, register, count, outgoing);
  }

  /// Those of a call, in the order of its registers: at most two.
  public static List<VectorParameter> of(String syscall) {
    return switch (syscall) {
      case "execve" -> EXECVE;
      case "execveat" -> EXECVEAT;
      case "writev", "pwritev", "pwritev2" -> WRITE;
      case "readv", "preadv", "preadv2" -> READ;
      case "vmsplice" -> SPLICE;
      // of several messages the first: a struct mmsghdr begins with its struct msghdr
      case "sendmsg", "sendmmsg" -> SEND;
      case "recvmsg", "recvmmsg", "recvmmsg_time64" -> RECEIVE;
      case "process_vm_writev" -> WRITE_MEMORY;
      case "process_vm_readv" -> READ_MEMORY;
      default -> List.of();
    };
  }

  /// Whether a call has one of these kinds. Allocates nothing.
  public static boolean isAnyOf(String syscall, Set<Vector> kinds) {
    List<VectorParameter> vectors = of(syscall);
    for (int i = 0; i < vectors.size(); i++) {
      if (kinds.contains(vectors.get(i).kind())) {
        return true;
      }
    }
    return false;
  }

  /// Whether its register points to a `struct msghdr`.
  boolean isMessage() {
    return kind == Vector.DATA && count < 0;
  }
}
