package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.kernel.SystemCall;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A device node on a file system of ours, mounted on a file of a container: to be opened where the
/// container's own file systems let nobody open nodes, or by nobody where they do.
final class MountedNode {
  private static final Logger LOG = LoggerFactory.getLogger(MountedNode.class);
  private static final int MKNODAT = Numbers.of("mknodat");
  private static final int FCHOWNAT = Numbers.of("fchownat");
  private static final int FCHMODAT = Numbers.of("fchmodat");
  private static final NativeBytes NODE = NativeBytes.ofString("node");

  private MountedNode() {}

  /// Mounts one with the owner and the permissions of `file`, a pinned file of the caller, on it.
  ///
  /// @param isClosed whether nobody is to open it: a flag of the mount, which is locked
  static Verdict on(Call call, int file, Device device, boolean isClosed) {
    try (var files = call.task().openFiles()) {
      var stat = new Stat();
      SyscallException.check(Files.fstat(file, stat), "fstat", "a node's place");
      int attributes = Mounts.ATTR_NOSUID | Mounts.ATTR_NOEXEC;
      attributes |= isClosed ? Mounts.ATTR_NODEV : 0;
      int mount = Mounts.detached("tmpfs", attributes);
      try {
        makeNode(mount, device, stat);
        call.validate();
        return Results.of(call.patientSyscalls().attachLocked(mount, "/node", file, files));
      } finally {
        Files.close(mount);
      }
    } catch (SyscallException e) {
      LOG.warn("a device for thread {}: {}", call.tid(), e.getMessage());
      return Verdict.Fail.of(e.errno());
    }
  }

  private static void makeNode(int directory, Device device, Stat like) {
    long node = NODE.address();
    make("mknodat", MKNODAT, directory, node, device.type(), device.dev());
    make("fchownat", FCHOWNAT, directory, node, like.uid(), like.gid());
    make("fchmodat", FCHMODAT, directory, node, like.mode() & 07777, 0);
  }

  private static void make(String name, int nr, int directory, long node, long first, long second) {
    SyscallException.check(
        SystemCall.make(nr, directory, node, first, second, 0, 0), name, "a node");
  }
}
