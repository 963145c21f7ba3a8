package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.kernel.Descriptors;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import dev.sluice.supervisor.target.TaskFiles;
import dev.sluice.supervisor.target.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// What a container has said of an image it is about to mount, by fsconfig(2) on a context of its
/// own. That context, which the kernel would not let it use, stands for this one: it holds nothing
/// of ours, so it does not matter what else the container does with it.
///
/// Methods throw [Abort] with what the kernel says. One may take as long as a disk does, and nobody
/// who looks for another context waits for it.
final class MountContext implements AutoCloseable {
  private static final int MOVE_MOUNT = Numbers.of("move_mount");
  private static final NativeBytes NOTHING = NativeBytes.ofString("");
  private static final int MAX_OPTIONS = 64;
  private static final int DIRECTORY =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;

  private final int listener;
  private final int standIn;
  private final String fstype;
  private final ImageGrant grant;

  /// Held by who does something with it.
  private final ReentrantLock use = new ReentrantLock();

  private boolean ended;
  private final List<String> options = new ArrayList<>();
  private Optional<Text> source = Optional.empty();
  private boolean readOnly;
  private Optional<ImageMount> image = Optional.empty();
  private int superblock = -1;
  private int mount = -1;
  private volatile int directory = -1;

  /// @param listener whose container it is of
  /// @param standIn a copy of the container's context, ours to close
  /// @param grant what the policy lets it be
  MountContext(int listener, int standIn, String fstype, ImageGrant grant) {
    this.listener = listener;
    this.standIn = standIn;
    this.fstype = fstype;
    this.grant = grant;
  }

  int listener() {
    return listener;
  }

  int standIn() {
    return standIn;
  }

  /// Does something with it that nobody else does at the time. Throws [Abort] with EBADF if it has
  /// ended.
  <T> T use(Supplier<T> work) {
    use.lock();
    try {
      if (ended) {
        throw Abort.errno(Errno.EBADF);
      }
      return work.get();
    } finally {
      use.unlock();
    }
  }

  /// FSCONFIG_SET_FLAG.
  void set(String key) {
    checkNotCreated();
    switch (key) {
      case "source" -> throw Abort.errno(Errno.EINVAL);
      case "ro" -> readOnly = true;
      case "rw" -> readOnly = false;
      default -> add(key);
    }
  }

  /// FSCONFIG_SET_STRING.
  void set(String key, Text value) {
    checkNotCreated();
    if (!key.equals("source")) {
      add(key + "=" + value);
    } else if (source.isPresent()) {
      throw Abort.errno(Errno.EINVAL);
    } else {
      var copy = new Text();
      copy.set(value);
      source = Optional.of(copy);
    }
  }

  private void add(String option) {
    if (options.size() == MAX_OPTIONS) {
      throw Abort.errno(Errno.EINVAL);
    }
    options.add(ImageOptions.check(fstype, option));
  }

  private void checkNotCreated() {
    if (superblock >= 0) {
      throw Abort.errno(Errno.EBUSY);
    }
  }

  /// FSCONFIG_CMD_CREATE, for the caller of `call`. Throws [SyscallException] if there is no such
  /// file system in the image.
  void create(Call call) {
    checkNotCreated();
    Text path = source.orElseThrow(() -> Abort.errno(Errno.EINVAL));
    if (path.isEmpty()) {
      throw Abort.errno(Errno.EINVAL);
    }
    PathArgument file = call.file(path);
    if (file.object() < 0) {
      throw Abort.errno(Errno.ENOENT);
    }
    var created =
        new ImageMount(fstype, grant.writable() && !readOnly, grant, List.copyOf(options));
    superblock = created.open(call, file);
    image = Optional.of(created);
  }

  /// fsmount(2): a directory in a mount for a task with these namespaces, with its flags locked; or
  /// -errno. Throws [SyscallException].
  ///
  /// No descriptor as fsmount(2) returns it can be put into another process
  /// (SECCOMP_IOCTL_NOTIF_ADDFD: EBADF for O_PATH), but one of the directory does as well. With it
  /// alone the mount would end; so we hold ours until it has been attached, or for a while.
  int mount(Call call, int attributes, TaskFiles files) {
    ImageMount created = image.orElseThrow(() -> Abort.errno(Errno.EINVAL));
    if (mount >= 0) {
      throw Abort.errno(Errno.EBUSY);
    }
    int unlocked = created.mount(superblock, attributes, files);
    try {
      mount = call.patientSyscalls().lock(unlocked, files);
    } finally {
      Files.close(unlocked);
    }
    directory = mount < 0 ? mount : Descriptors.reopen(mount, DIRECTORY);
    return directory < 0 ? directory : Files.duplicate(directory);
  }

  /// Whether a descriptor of ours is that of the directory that [#mount] gave. Not once it has
  /// ended.
  boolean isDirectory(int fd) {
    return directory >= 0 && Processes.isOneFile(directory, fd);
  }

  /// move_mount(2) to an object of the caller's, as the caller; or -errno.
  int attach(Call call, int object) {
    return (int)
        call.patientSyscalls()
            .make(
                call.operation()
                    .begin(MOVE_MOUNT)
                    .descriptor(mount)
                    .string(NOTHING)
                    .descriptor(object)
                    .string(NOTHING)
                    .value(Mounts.MOVE_MOUNT_F_EMPTY_PATH | Mounts.MOVE_MOUNT_T_EMPTY_PATH),
                false);
  }

  /// Whether nobody uses it, nor ever will from now on.
  boolean endIfUnused() {
    if (!use.tryLock()) {
      return false;
    }
    try {
      ended = true;
      return true;
    } finally {
      use.unlock();
    }
  }

  /// Closes what it holds, once it has ended: if nothing else does, a file system that is written
  /// back then, which takes as long as the disk does.
  @Override
  public void close() {
    Files.close(standIn);
    Files.close(superblock);
    Files.close(mount);
    Files.close(directory);
  }
}
