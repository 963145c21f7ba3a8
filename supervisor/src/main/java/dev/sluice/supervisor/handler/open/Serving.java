package dev.sluice.supervisor.handler.open;

import dev.sluice.supervisor.handler.Access;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.Template;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Groups;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.OpenRequest;
import dev.sluice.supervisor.target.PathArgument;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Puts a file of this content in the place of whatever a path leads to, as if it were mounted
/// there read-only. Its status is that of the very file that an open gives, so that programs which
/// compare the two find them the same.
public final class Serving implements Emulation {
  private static final Set<String> MODIFY = Groups.members("@modify").orElseThrow();
  private static final Set<String> MAKE =
      Set.of("mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat");
  private static final int MAX_FILES = 64;
  private static final int PATH = OpenFlags.O_PATH | OpenFlags.O_CLOEXEC;

  /// What of an open's flags means something for a file that is only read.
  private static final int FLAGS =
      OpenFlags.O_APPEND
          | OpenFlags.O_NONBLOCK
          | OpenFlags.O_SYNC
          | OpenFlags.O_DIRECT
          | OpenFlags.O_NOATIME;

  private final Template content;

  /// The file for every caller, once it is made.
  private volatile @Nullable MemoryFile same;

  /// Where the content depends on the caller: those used last, by their content.
  private final Map<String, MemoryFile> files =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, MemoryFile> eldest) {
          return size() > MAX_FILES;
        }
      };

  public Serving(Template content) {
    this.content = content;
  }

  @Override
  public String name() {
    return "serve";
  }

  @Override
  public Optional<Template> content() {
    return Optional.of(content);
  }

  @Override
  public boolean isOfFiles() {
    return true;
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path = call.path(0);
    if (OpenHandler.CALLS.contains(call.name())) {
      return open(call, path);
    }
    if (path.isDescriptor()) {
      return Verdict.CONTINUE; // whatever that is of
    }
    if (MODIFY.contains(call.name())) {
      return fail(MAKE.contains(call.name()) ? Errno.EEXIST : Errno.EROFS);
    }
    if (path.isNameWithSlash()) {
      return fail(Errno.ENOTDIR);
    }
    return switch (call.name()) {
      case "execve", "execveat" -> fail(Errno.EACCES);
      case "readlink", "readlinkat" -> fail(Errno.EINVAL);
      case "access", "faccessat", "faccessat2" -> access(call, path, Access.modeOf(call));
      default -> lookAt(call, path);
    };
  }

  private Verdict open(Call call, PathArgument path) {
    OpenRequest open = call.open();
    if (open.has(OpenFlags.O_CREAT) && path.isNameWithSlash()) {
      return fail(Errno.EISDIR);
    }
    if (open.has(OpenFlags.O_CREAT | OpenFlags.O_EXCL)) {
      return fail(Errno.EEXIST);
    }
    if (open.has(OpenFlags.O_DIRECTORY) || path.isNameWithSlash()) {
      return fail(Errno.ENOTDIR);
    }
    boolean changes = !open.isReadOnly() || open.has(OpenFlags.O_TRUNC);
    if (changes && !open.has(OpenFlags.O_PATH)) {
      return fail(Errno.EROFS);
    }
    // the kernel injects no O_PATH descriptors; one to read with does what such a one does
    int flags = open.has(OpenFlags.O_PATH) ? 0 : (int) open.flags() & FLAGS;
    int fd = fileFor(call).open(OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC | flags);
    return fd < 0
        ? Verdict.Fail.of(-fd)
        : Verdict.InjectFd.of(fd, open.has(OpenFlags.O_CLOEXEC), true);
  }

  private Verdict access(Call call, PathArgument path, int mode) {
    if ((mode & Access.W_OK) != 0) {
      return fail(Errno.EROFS);
    }
    return (mode & Access.X_OK) != 0 ? fail(Errno.EACCES) : lookAt(call, path);
  }

  /// Has the call performed on the file.
  private Verdict lookAt(Call call, PathArgument path) {
    int fd = fileFor(call).open(PATH);
    if (fd < 0) {
      return Verdict.Fail.of(-fd);
    }
    path.lead(fd);
    return Verdict.CONTINUE;
  }

  private static Verdict fail(Errno errno) {
    return Verdict.Fail.of(errno.number());
  }

  private MemoryFile fileFor(Call call) {
    MemoryFile file = same;
    if (file != null) {
      return file;
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    byte[] bytes = content.bytesFor(call.task());
    synchronized (files) {
      file =
          files.computeIfAbsent(
              new String(bytes, StandardCharsets.ISO_8859_1), _ -> new MemoryFile(bytes));
    }
    if (content.isConstant()) {
      same = file;
    }
    return file;
  }
}
