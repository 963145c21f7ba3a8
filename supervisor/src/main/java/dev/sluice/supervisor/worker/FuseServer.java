package dev.sluice.supervisor.worker;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.Namespaces;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.target.Cgroup;
import dev.sluice.supervisor.target.CgroupDirectory;
import dev.sluice.supervisor.target.Cgroups;
import dev.sluice.supervisor.target.ServedImage;
import dev.sluice.supervisor.target.Task;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A program of this machine that serves the file system in an image, started by `sluice-fuse`: as
/// root of a container's user namespace, with a mount namespace of its own. It ends with us, until
/// somebody else has its mount.
final class FuseServer implements AutoCloseable {
  /// Where it mounts the file system.
  static final String PLACE = "/mnt";

  private static final Logger LOG = LoggerFactory.getLogger(FuseServer.class);

  /// What `sluice-fuse` opened the image as.
  private static final String IMAGE = "/fd/3";

  /// proc(5), mountinfo.
  private static final Pattern MOUNTED =
      Pattern.compile("^\\S+ \\S+ \\S+ \\S+ " + PLACE + " .* - fuse(blk)?[. ]", Pattern.MULTILINE);

  private static final int LOOK_MILLIS = 50;
  private static final int ATTEMPTS = 3;
  private static final int NO_PROGRAM = 127;

  private final String program;
  private final Process process;

  /// Its directory in proc(5), whatever its number comes to mean; -errno if it has ended.
  private final int directory;

  private FuseServer(String program, Process process) {
    this.program = program;
    this.process = process;
    var path = NativeBytes.ofString("/proc/" + process.pid());
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
    int opened = Files.openat(OpenFlags.AT_FDCWD, path, flags, 0);
    if (opened >= 0 && !process.isAlive()) { // it could be another's
      Files.close(opened);
      opened = -Errno.ESRCH.number();
    }
    this.directory = opened;
  }

  /// @param fuseProgram the path of `sluice-fuse`
  static FuseServer start(String fuseProgram, ServedImage image, int userNamespace) {
    String descriptors = "/proc/" + Processes.getpid() + "/fd/";
    String access = image.writable() ? "rw" : "ro";
    var command =
        List.of(
            fuseProgram,
            descriptors + userNamespace,
            (image.writable() ? "+" : "") + descriptors + image.descriptor(),
            image.program(),
            "-f",
            "-o",
            access + ",allow_other,default_permissions",
            IMAGE,
            PLACE);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.to(new File("/dev/null")))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      return new FuseServer(image.program(), process);
    } catch (IOException e) {
      throw new UncheckedIOException(fuseProgram, e);
    }
  }

  /// What it uses, the container uses, and it ends with that. Returns whether it does; else it is
  /// to be killed. A group may be removed while we look at it, if the task is moved to another.
  boolean joinCgroupsOf(Task task) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (joinPresentCgroupsOf(task)) {
        return true;
      }
    }
    return false;
  }

  private boolean joinPresentCgroupsOf(Task task) {
    Cgroups cgroups = Cgroups.ofSystem();
    String memberships = task.cgroups();
    return Stream.of("memory", "cpu", "pids")
        .flatMap(controller -> cgroups.of(controller, memberships).stream())
        .map(Cgroup::chain)
        .filter(chain -> !chain.isEmpty())
        .map(List::getFirst)
        .distinct()
        .allMatch(this::join);
  }

  private boolean join(CgroupDirectory group) {
    String number = Long.toString(process.pid());
    int fd = group.open("cgroup.procs", OpenFlags.O_WRONLY);
    boolean lives = process.isAlive();
    int result =
        fd < 0 || !lives ? fd : Files.write(fd, NativeBytes.ofString(number), number.length());
    Files.close(fd);
    if (!lives || result == -Errno.ESRCH.number()) {
      return true; // it has ended
    }
    if (result < 0) {
      LOG.warn("{} {} stays out of cgroup {}: {}", program, number, group, Errno.nameOf(-result));
    }
    return result >= 0;
  }

  /// Returns whether it has mounted the file system; else it has ended.
  boolean awaitMount() {
    int mounts = open("mountinfo");
    try {
      while (mounts >= 0 && process.isAlive()) {
        if (hasMounted()) {
          return true;
        }
        Mounts.awaitChange(mounts, LOOK_MILLIS);
      }
      return false;
    } finally {
      Files.close(mounts);
    }
  }

  private boolean hasMounted() {
    try {
      String opened = "/proc/self/fd/" + directory + "/mountinfo";
      return MOUNTED
          .matcher(java.nio.file.Files.readString(Path.of(opened), StandardCharsets.ISO_8859_1))
          .find();
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  /// Why it has ended: -errno. One that lives is ended: what of it we wanted could not be opened.
  int error() {
    kill();
    int status = process.onExit().join().exitValue();
    LOG.info("{} has ended with status {}", program, status);
    return -(status == NO_PROGRAM ? Errno.ENODEV : Errno.EINVAL).number();
  }

  /// A descriptor of its mount namespace, to be closed; -errno if it has ended.
  ///
  /// @param owner the user namespace whose it must be; -EPERM if it is not
  int openMountNamespace(int owner) {
    int namespace = open("ns/mnt");
    if (namespace >= 0 && !Namespaces.isOwnedBy(namespace, owner)) {
      Files.close(namespace);
      return -Errno.EPERM.number();
    }
    return namespace;
  }

  /// A descriptor of something of it in proc(5), or -errno.
  private int open(String name) {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC;
    return directory < 0
        ? directory
        : Files.openat(directory, NativeBytes.ofString(name), flags, 0);
  }

  /// From here on it does not end with us.
  void leave() {
    try (OutputStream told = process.getOutputStream()) {
      told.write('\n');
    } catch (IOException e) {
      LOG.info("{} has ended: {}", program, e.getMessage());
    }
  }

  void kill() {
    process.destroyForcibly();
  }

  /// Ends it, unless it was told not to.
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      LOG.info("{}: {}", program, e.getMessage());
    }
    Files.close(directory);
  }
}
