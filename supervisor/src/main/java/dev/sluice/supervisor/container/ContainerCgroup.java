package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.kernel.Bpf;
import dev.sluice.supervisor.kernel.Descriptors;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.FileHandles;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Cgroup;
import dev.sluice.supervisor.target.CgroupDirectory;
import dev.sluice.supervisor.target.Cgroups;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.Task;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// A cgroup of version 2 that the caller has a descriptor of, and that was delegated to its
/// container (cgroups(7), *Cgroups delegation*): its directory belongs to one of the container's
/// users, and so do those above it, up to one that the caller's own cgroup is below or is. Only the
/// machine's root gives a cgroup to such a user; so it does not matter who handed a descriptor
/// over.
///
/// Methods throw [Abort].
final class ContainerCgroup implements AutoCloseable {
  private static final int FSTATFS = Numbers.of("fstatfs");

  /// `struct statfs` of 64-bit machines, and linux/magic.h
  private static final int SIZEOF_STATFS = 120;

  private static final long CGROUP2_SUPER_MAGIC = 0x63677270;

  /// The kernel's is 64; the machine keeps some.
  private static final int MAX_PROGRAMS = 32;

  private static final int DIRECTORY =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
  private static final NativeBytes PARENT = NativeBytes.ofString("..");

  private final int root;
  private final int descriptor;

  private ContainerCgroup(int root, int descriptor) {
    this.root = root;
    this.descriptor = descriptor;
  }

  /// With EBADF if `fd` of the caller is no cgroup of version 2, as the kernel; with EPERM if it is
  /// none of the container's, or if the supervisor cannot see that.
  static ContainerCgroup of(Call call, int fd) {
    CgroupDirectory mount =
        Cgroups.ofSystem().unifiedMount().orElseThrow(() -> Abort.errno(Errno.EPERM));
    int copy = call.task().copyDescriptor(fd);
    int root = mount.open(".", DIRECTORY);
    int here = -1;
    try {
      if (root < 0) {
        throw Abort.errno(Errno.EPERM);
      }
      if (copy < 0 || !isCgroup(call, copy)) {
        throw Abort.errno(Errno.EBADF);
      }
      here = FileHandles.openThrough(root, copy, DIRECTORY);
      if (here < 0 || !isDelegated(call.task(), here)) {
        throw Abort.errno(here == -Errno.ESTALE.number() ? Errno.ENODEV : Errno.EPERM);
      }
      var found = new ContainerCgroup(root, here);
      root = -1;
      here = -1;
      return found;
    } finally {
      Files.close(copy);
      Files.close(root);
      Files.close(here);
    }
  }

  /// The question may go to somebody who serves a file system, and does not answer.
  private static boolean isCgroup(Call call, int fd) {
    Operation statfs = call.operation().begin(FSTATFS).descriptor(fd).output(SIZEOF_STATFS);
    var stat = new Stat();
    return call.patientSyscalls().make(statfs, true) >= 0
        && statfs.buffer(SIZEOF_STATFS).getLong(0) == CGROUP2_SUPER_MAGIC
        && Files.fstat(fd, stat) == 0
        && stat.isDirectory();
  }

  private static boolean isDelegated(Task task, int fd) {
    int length = Descriptors.readLink(fd);
    if (length <= 0 || !belongs(task, fd)) {
      return false;
    }
    byte[] path = new byte[length];
    Descriptors.link().get(0, path, 0, length);
    var group = new CgroupDirectory(new String(path, StandardCharsets.ISO_8859_1));
    return delegated(task).filter(group::isIn).isPresent();
  }

  /// The highest of the cgroups that the caller is in and that are the container's.
  private static Optional<CgroupDirectory> delegated(Task task) {
    Optional<CgroupDirectory> top = Optional.empty();
    Optional<Cgroup> own = Cgroups.ofSystem().unified(task.cgroups());
    for (CgroupDirectory group : own.map(Cgroup::chain).orElse(List.of())) {
      if (!belongs(task, group)) {
        return top;
      }
      top = Optional.of(group);
    }
    return top;
  }

  private static boolean belongs(Task task, CgroupDirectory group) {
    int fd = group.open(".", DIRECTORY);
    try {
      return fd >= 0 && belongs(task, fd);
    } finally {
      Files.close(fd);
    }
  }

  /// What is the machine's root's is nobody else's, whatever the container's ids.
  private static boolean belongs(Task task, int fd) {
    var stat = new Stat();
    return Files.fstat(fd, stat) == 0 && stat.uid() != 0 && task.hasUser(stat.uid());
  }

  /// A descriptor of its directory.
  int descriptor() {
    return descriptor;
  }

  /// That another program can be attached here, and all that there are above count nevertheless:
  /// those without BPF_F_ALLOW_MULTI would not, so then it is EPERM. E2BIG if there are too many
  /// here.
  void checkRoom() {
    NativeBytes attributes = NativeBytes.allocate(Bpf.SIZEOF_ATTR);
    if (query(descriptor, attributes) >= MAX_PROGRAMS) {
      throw Abort.errno(Errno.E2BIG);
    }
    var stat = new Stat();
    Abort.check(Files.fstat(root, stat));
    long end = stat.ino();
    int group = Files.duplicate(descriptor);
    try {
      do {
        if (query(group, attributes) > 0
            && (attributes.getInt(Bpf.QUERY_ATTACH_FLAGS) & Bpf.F_ALLOW_MULTI) == 0) {
          throw Abort.errno(Errno.EPERM);
        }
        Abort.check(Files.fstat(group, stat));
        int above = stat.ino() == end ? -1 : Abort.check(Files.openat(group, PARENT, DIRECTORY, 0));
        Files.close(group);
        group = above;
      } while (group >= 0);
    } finally {
      Files.close(group);
    }
  }

  /// How many programs there are.
  private static int query(int group, NativeBytes attributes) {
    Abort.check(Bpf.query(group, attributes, NativeBytes.allocate(0)));
    return attributes.getInt(Bpf.QUERY_PROG_CNT);
  }

  @Override
  public void close() {
    Files.close(descriptor);
    Files.close(root);
  }
}
