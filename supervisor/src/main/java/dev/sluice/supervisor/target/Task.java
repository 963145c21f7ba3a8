package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Capability;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Stat;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A thread that makes calls, as it was when it was first looked at. Its credentials are current
/// nevertheless, because the filter notifies every call that could change them
/// ([TaskTable#forget]).
public final class Task implements TaskView {
  private static final NativeBytes COMM = NativeBytes.ofString("comm");
  private static final NativeBytes EXE = NativeBytes.ofString("exe");
  private static final long OWN_PID_NAMESPACE = Proc.ownPidNamespace();

  private static final long RECENT_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private final int tid;
  private final int procfd;
  private final int pidfd;
  private final TaskStatus status;
  private final Identity identity;
  private final Identity own;
  private final boolean ours;
  private @Nullable Identity real;
  private boolean reallyOurs;
  private final Text comm;
  private @Nullable Text exe;
  private final CgroupPath cgroup = new CgroupPath(System.nanoTime());

  /// When it was last known to live.
  private long aliveNanos = System.nanoTime();

  private int uses;
  private boolean forgotten;

  private Task(int tid, int procfd, int pidfd, TaskStatus status, Identity identity, Identity own) {
    this.tid = tid;
    this.procfd = procfd;
    this.pidfd = pidfd;
    this.status = status;
    this.identity = identity;
    this.own = own;
    this.ours = identity.equals(own);
    this.comm = text(status.name());
  }

  /// Looks at thread `tid`. The caller makes sure afterwards that the number still means the thread
  /// it meant ([Call#validate]). Throws [Abort].
  static Task look(int tid, Identity own) {
    int procfd = Proc.open(tid);
    try {
      var status = Proc.status(procfd);
      var identity = Proc.identity(procfd, status);
      int pidfd = Processes.pidfdOpenThread(tid);
      if (pidfd == -Errno.EMFILE.number() || pidfd == -Errno.ENFILE.number()) {
        throw Abort.errno(-pidfd); // others mean that there are no pidfds of threads
      }
      return new Task(tid, procfd, pidfd, status, identity, own);
    } catch (Abort e) {
      Files.close(procfd);
      throw e;
    }
  }

  /// proc(5)'s bytes, which it reads as Latin-1.
  private static Text text(String bytes) {
    var text = new Text();
    text.set(bytes.getBytes(StandardCharsets.ISO_8859_1));
    return text;
  }

  @Override
  public int tid() {
    return tid;
  }

  @Override
  public int tgid() {
    return status.tgid();
  }

  @Override
  public int uid() {
    return status.credentials().uids().get(1);
  }

  @Override
  public int gid() {
    return status.credentials().gids().get(1);
  }

  @Override
  public long capabilities() {
    return status.credentials().effective();
  }

  /// As it was when the thread was first looked at.
  @Override
  public Text comm() {
    return comm;
  }

  @Override
  public Text exe() {
    if (exe == null) {
      exe = text(Proc.link(procfd, EXE));
    }
    return exe;
  }

  /// The same, if somebody has asked for it: to find it out takes a look at /proc.
  public @Nullable Text knownExe() {
    return exe;
  }

  @Override
  public Text cgroup() {
    return cgroup(System.nanoTime());
  }

  /// The path of its cgroup as it was in the second before `now` ([System#nanoTime]); the last that
  /// was known if it has ended, and empty if there is none. To find it out may wait for others who
  /// change cgroups: so not before the answer.
  public Text cgroup(long now) {
    return cgroup.at(now, procfd);
  }

  /// The same as it was when somebody asked last.
  public Text knownCgroup() {
    return cgroup.known();
  }

  public TaskStatus status() {
    return status;
  }

  public Identity identity() {
    return identity;
  }

  /// The same for access(2), which goes by the real ids. Throws [Abort].
  ///
  /// Not remembered while nobody is root in its user namespace: the map may not have been written.
  Identity realIdentity() {
    Identity known = real;
    if (known == null) {
      OptionalInt root = Proc.root(procfd);
      known = identity.withCredentials(identity.credentials().real(root));
      reallyOurs = known.equals(own);
      real = root.isPresent() ? known : null;
    }
    return known;
  }

  /// The same as [#isOurs] for access(2).
  boolean isReallyOurs() {
    realIdentity();
    return reallyOurs;
  }

  /// Whether it has our credentials, namespaces and root: then what we do is what it would do.
  public boolean isOurs() {
    return ours;
  }

  /// Whether it has at least our mount namespace and root: then paths read the same.
  public boolean seesWhatWeSee() {
    return identity.mountNamespace() == own.mountNamespace() && identity.root().equals(own.root());
  }

  /// Whether what changes the mounts and roots there, changes ours.
  public boolean isInOurMountNamespace() {
    return identity.mountNamespace() == own.mountNamespace();
  }

  /// Whether it is in our user namespace, and so in no container that is to have more than the
  /// kernel lets it.
  public boolean isInOurUserNamespace() {
    return identity.userNamespace() == own.userNamespace();
  }

  /// Whether `capability` is effective, in a user namespace that was made in ours: a container's.
  /// Everybody may make another below it, and has all capabilities there. Throws [Abort].
  public boolean isCapableInContainer(Capability capability) {
    return capability.isIn(capabilities()) && Proc.isChildNamespace(procfd, own.userNamespace());
  }

  /// Whether a user and a group, as numbered in our user namespace, have numbers in its own. Throws
  /// [Abort].
  public boolean hasIds(int uid, int gid) {
    return Proc.hasIds(procfd, uid, gid);
  }

  /// Whether a user, as numbered in our user namespace, has a number in its own. Throws [Abort].
  public boolean hasUser(int uid) {
    return Proc.hasUser(procfd, uid);
  }

  /// Whether a thread (its directory in proc(5)) is in the same user namespace; not if it has
  /// ended.
  public boolean hasUserNamespaceOf(int thread) {
    return Proc.userNamespaceOf(thread) == identity.userNamespace();
  }

  /// Who we are, for comparison.
  public Identity ownIdentity() {
    return own;
  }

  /// Whether that is the program it runs, on the mount that it was executed on.
  boolean executes(Stat file) {
    var program = new Stat();
    return Files.fstatat(procfd, EXE, program) == 0
        && program.mountId() == file.mountId()
        && program.dev() == file.dev()
        && program.ino() == file.ino();
  }

  /// What thread `pid` of its pid namespace is called in ours; -ESRCH if there is none, -ENOTTY if
  /// that cannot be told (before Linux 6.11). Throws [Abort].
  public int translate(int pid) {
    return Proc.translate(procfd, pid);
  }

  /// Its cgroups: `/proc/PID/cgroup`. Throws [Abort].
  public String cgroups() {
    return Proc.read(procfd, Freezer.CGROUP);
  }

  /// The pid namespace it is in, as a link of proc(5) names it.
  String pidNamespace() {
    return Proc.pidNamespace(procfd);
  }

  /// The inode number of the pid namespace it is in; 0 if that is ours. Throws [Abort].
  public long otherPidNamespace() {
    long number = Proc.pidNamespaceNumber(procfd);
    return number == OWN_PID_NAMESPACE ? 0 : number;
  }

  /// What statmount(2) calls its mount namespace; -errno on error.
  long mountNamespaceId() {
    return Proc.mountNamespaceId(procfd);
  }

  /// Its namespaces and root.
  public TaskFiles openFiles() {
    return new TaskFiles(procfd);
  }

  /// What the call fails with if a signal waits that would interrupt it in the kernel, or 0. The
  /// signal reaches the caller only once we have answered (WAIT_KILLABLE_RECV).
  ///
  /// ERESTARTSYS becomes EINTR, or the call again (SA_RESTART), on the caller's way to its signal
  /// handler; on no such way, the program would see it. So it is for a caller that certainly takes
  /// the signal: of those for a process, the kernel gives the first thread all that it does not
  /// block, unless it has ended, and does not tell which of the others it has chosen. Or for one
  /// whose process is being stopped, which the first thread has been.
  public int interruption() {
    TaskStatus now = Proc.status(procfd);
    PendingSignals signals = now.signals();
    if (signals.hasOwn()) {
      return Errno.ERESTARTSYS;
    }
    boolean isFirst = tid == now.tgid();
    if (isFirst || now.threads() == 1) {
      return signals.hasShared() ? Errno.ERESTARTSYS : 0;
    }
    TaskStatus first = Proc.statusOfFirstThread(procfd, now.tgid());
    if (first.isStopped()) {
      return Errno.ERESTARTSYS;
    }
    if (first.hasEnded()) {
      int errno = now.threads() == 2 ? Errno.ERESTARTSYS : Errno.EINTR.number();
      return signals.hasShared() ? errno : 0;
    }
    return signals.hasSharedBeside(first.signals()) ? Errno.EINTR.number() : 0;
  }

  /// What it does now ([TaskStatus#state]). Throws [Abort].
  public char state() {
    return Proc.status(procfd).state();
  }

  /// What a call of it that has been interrupted fails with, if a signal waits for it, or its
  /// cgroup is being frozen; else 0.
  public int errnoOfSignal() {
    return isFreezing() ? Errno.ERESTARTSYS : interruption();
  }

  /// Whether its cgroup is being frozen, for which it has to leave the kernel.
  boolean isFreezing() {
    return Freezer.holds(procfd);
  }

  /// A descriptor of its directory in /proc, which never comes to mean another thread's.
  int procfd() {
    return procfd;
  }

  /// A copy of its descriptor `fd`, close-on-exec and ours to close; -errno if there is none.
  /// Throws [Abort#GONE].
  public int copyDescriptor(int fd) {
    int copy = copyOf(fd);
    if (copy == -Errno.ESRCH.number()) {
      throw Abort.GONE;
    }
    return copy;
  }

  private int copyOf(int fd) {
    if (pidfd >= 0) {
      return Processes.pidfdGetfd(pidfd, fd);
    }
    // before 6.9 there are no pidfds of threads, which may have descriptors of their own
    if (tid != tgid() && !Processes.shareFiles(tid, tgid())) {
      return -Errno.EPERM.number();
    }
    int process = Processes.pidfdOpen(tgid());
    if (process < 0) {
      return process;
    }
    int copy = Processes.pidfdGetfd(process, fd);
    Files.close(process);
    return copy;
  }

  /// The present umask(2): threads share it, and any of them may have changed it.
  public int umask() {
    return Proc.umask(procfd);
  }

  /// The present limit on the size of its files.
  public FileSizeLimit fileSizeLimit() {
    return Proc.fileSizeLimit(procfd);
  }

  /// Whether it can take one more descriptor, as far as we can tell. Throws [Abort].
  public boolean hasFreeDescriptor(Call call) {
    return FreeDescriptors.isOneLeft(call, procfd);
  }

  /// The present session and controlling terminal.
  public TaskSession session() {
    return TaskSession.read(procfd);
  }

  /// Copies a link of its directory in /proc to `to`, and returns its length. Throws [Abort].
  int readLink(NativeBytes name, NativeBytes to) {
    return Proc.readLink(procfd, name, to);
  }

  /// Whether the thread still lives, and the number with it.
  boolean isAlive() {
    if (pidfd < 0) {
      return Files.faccessat(procfd, COMM) == 0;
    }
    // EPERM is alive too
    return Processes.pidfdSendSignal(pidfd, 0) != -Errno.ESRCH.number();
  }

  /// The same, asked ten thousand times a second at most: before a number comes to mean another
  /// thread, all the others have their turn (`pid_max` of proc(5)), or root gives it out.
  boolean isAlive(long now) {
    if (now - aliveNanos > RECENT_NANOS) {
      if (!isAlive()) {
        return false;
      }
      aliveNanos = now;
    }
    return true;
  }

  void use() {
    uses++;
  }

  void release() {
    uses--;
    closeIfUnused();
  }

  void forget() {
    forgotten = true;
    closeIfUnused();
  }

  private void closeIfUnused() {
    if (forgotten && uses == 0) {
      Files.close(procfd);
      if (pidfd >= 0) {
        Files.close(pidfd);
      }
    }
  }
}
