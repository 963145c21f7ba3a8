package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;

/// The system calls that are performed for targets, with a target's credentials and in its
/// namespaces. All return what the kernel returned: a result, or -errno. Descriptors given and
/// returned are ours.
public interface Syscalls {
  /// openat2(2) with O_PATH: finds and holds an object.
  ///
  /// @param dirfd a descriptor of ours, or AT_FDCWD for the target's root
  int pin(int dirfd, NativeBytes path, int flags, long resolve);

  /// openat(2) of a name in a directory, under a umask(2).
  int create(int directory, NativeBytes name, int flags, int mode, int umask);

  /// Opens what a pinned descriptor refers to.
  int reopen(int pinned, int flags);

  /// Gives a pinned object another name.
  int link(int pinned, int directory, NativeBytes name);

  /// renameat2(2).
  int rename(int directory, NativeBytes name, int newDirectory, NativeBytes newName, int flags);

  /// mount(2), on a pinned object.
  ///
  /// @param sourceObject a pinned object to mount (MS_BIND, MS_MOVE), or -1: then `source` is what
  ///   the call named, if anything
  int mount(int sourceObject, byte[] source, int target, byte[] fstype, int flags, byte[] data);

  /// As ourselves: attaches a detached mount of ours at a pinned directory of a task with these
  /// namespaces, so that it cannot take the mount's flags off.
  int attachLocked(int mount, int directory, TaskFiles files);

  /// Whether this number in /proc is that of the process that makes the calls, or of a thread of
  /// it.
  boolean isMadeBy(int pid);

  /// Whether a call may be made on the event loop: it is made in this thread and waits for nobody
  /// else.
  boolean isInline();
}
