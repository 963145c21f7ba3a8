package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.kernel.SystemCall;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.Syscalls;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A device node on a file system of ours, mounted on a file of a container: to be opened where the
/// container's own file systems let nobody open nodes, or by nobody where they do.
final class MountedNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MountedNode.class);
  private static final int FCHOWNAT = Numbers.of("fchownat");
  private static final int FCHMODAT = Numbers.of("fchmodat");

  /// What it is called there.
  static final NativeBytes NODE = NativeBytes.ofString("node");

  private final int mount;

  private MountedNode(int mount) {
    this.mount = mount;
  }

  /// One that is mounted nowhere yet. It is made by the caller's worker, as its device cgroups may
  /// forbid that: throws [Abort].
  ///
  /// @param mknod what makes it, by the name [#NODE] in a directory
  /// @param isClosed whether nobody is to open it: a flag of the mount, which is locked
  static MountedNode make(
      Call call, Syscalls privileged, IntFunction<Operation> mknod, boolean isClosed) {
    int attributes = Mounts.ATTR_NOSUID | Mounts.ATTR_NOEXEC;
    attributes |= isClosed ? Mounts.ATTR_NODEV : 0;
    int mount = -1;
    try {
      mount = Mounts.detached("tmpfs", attributes);
      // nobody else sees it: if it is there, a signal came when it had been made
      long made = privileged.make(mknod.apply(mount), true);
      if (made < 0 && made != -Errno.EEXIST.number()) {
        throw Abort.errno((int) -made);
      }
      return new MountedNode(mount);
    } catch (SyscallException e) {
      LOG.warn("a device for thread {}: {}", call.tid(), e.getMessage());
      throw Abort.errno(e.errno());
    } catch (Abort e) {
      Files.close(mount);
      throw e;
    }
  }

  /// Mounts it, with the owner and the permissions of `file`, a pinned file of the caller, on that.
  Verdict attach(Call call, int file) {
    try (var files = call.task().openFiles()) {
      var stat = new Stat();
      SyscallException.check(Files.fstat(file, stat), "fstat", "a node's place");
      change("fchownat", FCHOWNAT, stat.uid(), stat.gid());
      change("fchmodat", FCHMODAT, stat.mode() & 07777, 0);
      call.validate();
      return Results.of(call.patientSyscalls().attachLocked(mount, "/node", file, files));
    } catch (SyscallException e) {
      LOG.warn("a device for thread {}: {}", call.tid(), e.getMessage());
      return Verdict.Fail.of(e.errno());
    }
  }

  private void change(String name, int nr, long first, long second) {
    SyscallException.check(
        SystemCall.make(nr, mount, NODE.address(), first, second, 0, 0), name, "a node");
  }

  @Override
  public void close() {
    Files.close(mount);
  }
}
