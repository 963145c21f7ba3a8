package dev.sluice.supervisor.handler.mount;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import dev.sluice.supervisor.target.Text;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/// umount2, and umount of i386, as the target.
///
/// What is held cannot be unmounted. So once it has been decided on, it is let go, and the
/// directory is held that it is mounted in; what has its name there is unmounted, which is the path
/// that was decided on, whatever somebody has mounted there since.
public final class UmountHandler implements Performer {
  private static final int UMOUNT2 = Numbers.of("umount2");
  private static final int READLINKAT = Numbers.of("readlinkat");
  private static final int PATH_MAX = 4096;
  private static final int PIN = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
  private static final NativeBytes PARENT = NativeBytes.ofString("..");
  private static final NativeBytes ROOT = NativeBytes.ofString("/");
  private static final int FLAGS =
      Mounts.MNT_FORCE | Mounts.MNT_DETACH | Mounts.MNT_EXPIRE | Mounts.UMOUNT_NOFOLLOW;
  private static final PathParameter NAME =
      new PathParameter("target", -1, 0, PathParameter.Last.NAME, -1);

  @Override
  public String name() {
    return "umount";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("umount", "umount2");
  }

  @Override
  public Optional<Verdict> early(Call call) {
    return Results.onlyFlags(FLAGS, flags(call));
  }

  private static int flags(Call call) {
    return call.name().equals("umount") ? 0 : call.intArg(1);
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument target = Paths.changeable(call, 0);
    byte[] path = pathInItsRoot(call, target);
    int slash = path.length - 1;
    while (slash >= 0 && path[slash] != '/') {
      slash--;
    }
    if (path.length == 1 && slash == 0) {
      return unmount(call, call.operation().begin(UMOUNT2).string(ROOT));
    }
    var name = NativeBytes.of(Arrays.copyOfRange(path, slash + 1, path.length + 1));
    target.lead(directory(call, target, path));
    return unmount(call, call.operation().begin(UMOUNT2).in(target.object()).string(name));
  }

  private static Verdict unmount(Call call, Operation operation) {
    operation.value(flags(call) | Mounts.UMOUNT_NOFOLLOW);
    return Results.of(Results.change(call, call.patientSyscalls(), operation));
  }

  /// The absolute path of what is held, from the target's root.
  private static byte[] pathInItsRoot(Call call, PathArgument target) {
    var operation =
        call.operation().begin(READLINKAT).value(OpenFlags.AT_FDCWD).pathOf(target.object());
    operation.output(PATH_MAX).value(PATH_MAX);
    int length = Abort.check((int) call.patientSyscalls().make(operation, true));
    byte[] path = new byte[length];
    operation.buffer(length).get(0, path, 0, length);
    return path;
  }

  /// A descriptor, ours to close, of the directory that `target` is mounted in.
  private static int directory(Call call, PathArgument target, byte[] path) {
    int parent = Files.openat(target.object(), PARENT, PIN, 0);
    if (parent >= 0) {
      return parent;
    }
    // it is no directory, or one that a fuse(4) shows to others only
    var text = new Text();
    text.set(path);
    return Abort.check(Files.duplicate(call.file(text, NAME).parent()));
  }
}
