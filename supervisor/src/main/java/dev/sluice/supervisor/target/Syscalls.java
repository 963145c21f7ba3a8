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

  /// Makes a call. What it writes is in the buffers of `operation` afterwards.
  ///
  /// @param again whether it can be made once more, should a signal end it: it changes nothing
  long make(Operation operation, boolean again);

  /// Makes a call that changes nothing and opens something, close-on-exec: a descriptor. What it
  /// writes is in the buffers of `operation` afterwards.
  int open(Operation operation);

  /// openat(2) of a name in a directory, under a umask(2).
  int create(int directory, NativeBytes name, int flags, int mode, int umask);

  /// Opens what a pinned descriptor refers to.
  int reopen(int pinned, int flags);

  /// mount(2), on a pinned object.
  ///
  /// @param sourceObject a pinned object to mount (MS_BIND, MS_MOVE), or -1: then `source` is what
  ///   the call named, if anything
  /// @param data with a descriptor of ours, if any
  int mount(int sourceObject, byte[] source, int target, byte[] fstype, long flags, MountData data);

  /// mount_setattr(2) of a pinned object, or of nothing if `object` is -1: that fails with EBADF,
  /// unless something else is wrong.
  ///
  /// @param attr a `struct mount_attr`, `size` bytes or, if that is no size for one, any
  /// @param userNamespace a descriptor of ours for it; -1 if it needs none
  long setMountAttributes(int object, int flags, byte[] attr, long size, int userNamespace);

  /// fsopen(2), close-on-exec.
  int fsopen(byte[] fstype, int flags);

  /// As ourselves: has a context of ours (fsopen(2)) make the file system on a block device that is
  /// its source. Done where there is nothing else: whatever an image names, no other file or device
  /// is found by its name.
  ///
  /// @param device its path, such as `/dev/loop0`
  /// @param number as mknod(2) has it
  int createAlone(int context, String device, int number);

  /// As ourselves: a copy of a detached mount of ours, for a task with these namespaces, so that it
  /// cannot take the mount's flags off wherever it attaches it.
  int lock(int mount, TaskFiles files);

  /// As ourselves: attaches a detached mount of ours at a pinned object of a task with these
  /// namespaces, so that it cannot take the mount's flags off.
  ///
  /// @param below what of the mount: nothing for all of it, or a path that begins with `/`
  int attachLocked(int mount, String below, int object, TaskFiles files);

  /// As ourselves: has an image served to a task with these namespaces, and attaches it at a pinned
  /// object. -ENODEV if there is no such program, -EINVAL if the image is nothing to it.
  int serve(ServedImage image, int object, TaskFiles files);

  /// connect(2) of a socket.
  int connect(int socket, NativeBytes address, int length);

  /// The same to the unix(7) socket that a pinned descriptor refers to.
  int connectTo(int socket, int pinned);

  /// bind(2).
  int bind(int socket, NativeBytes address, int length);

  /// bind(2) to a name in a directory, under a umask(2).
  int bindName(int socket, int directory, NativeBytes name, int umask);

  /// sendmsg(2). Does not wait, if `flags` say so.
  int send(int socket, OutgoingMessage message, int flags);

  /// How many bytes [#send] takes at once.
  int maxMessage();

  /// Whether this number in /proc is that of the process that makes the calls, or of a thread of
  /// it.
  boolean isMadeBy(int pid);

  /// Whether a call may be made on the event loop: it is made in this thread and waits for nobody
  /// else.
  boolean isInline();
}
