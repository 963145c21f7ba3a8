package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Descriptors;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Processes;

/// For tasks that have our credentials, namespaces and root: we make the call ourselves, on a
/// thread that has a umask of its own ([Files#unshareFs]).
public final class LocalSyscalls implements Syscalls {
  @Override
  public int pin(int dirfd, NativeBytes path, int flags, long resolve) {
    return Files.openat2(dirfd, path, flags, 0, resolve);
  }

  @Override
  public int create(int directory, NativeBytes name, int flags, int mode, int umask) {
    int before = Files.umask(umask);
    try {
      return Files.openat(directory, name, flags, mode);
    } finally {
      Files.umask(before);
    }
  }

  @Override
  public int reopen(int pinned, int flags) {
    return Descriptors.reopen(pinned, flags);
  }

  @Override
  public int link(int pinned, int directory, NativeBytes name) {
    return Descriptors.link(pinned, directory, name);
  }

  @Override
  public int rename(
      int directory, NativeBytes name, int newDirectory, NativeBytes newName, int flags) {
    return Files.renameat2(directory, name, newDirectory, newName, flags);
  }

  @Override
  public int mount(
      int sourceObject, byte[] source, int target, byte[] fstype, int flags, byte[] data) {
    return Mounts.mount(
        sourceObject < 0 ? source : Descriptors.path(sourceObject),
        Descriptors.path(target),
        fstype,
        flags,
        data);
  }

  @Override
  public int attachLocked(int mount, int directory, TaskFiles files) {
    return Mounts.attach(mount, directory);
  }

  @Override
  public boolean isMadeBy(int pid) {
    return Processes.isOwnThread(pid);
  }

  @Override
  public boolean isInline() {
    return true;
  }
}
