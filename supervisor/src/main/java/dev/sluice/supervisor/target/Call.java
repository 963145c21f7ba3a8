package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.PathParameter;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A system call that waits for a decision: its registers, and copies of what they point to.
///
/// Used by one thread at a time, and again for another call afterwards: whoever wants to keep
/// something copies it. Methods that look beyond the registers throw [Abort] when the call cannot
/// go on.
public final class Call implements CallView {
  private static final NativeBytes CWD = NativeBytes.ofString("cwd");

  private SeccompNotif notif;
  private final CallerMemory memory = new CallerMemory(this);
  final PathArguments paths = new PathArguments(this);
  final StringArguments strings = new StringArguments(this);
  final VectorArguments vectors = new VectorArguments(this);
  private final OpenRequest open = new OpenRequest();
  final AddressArgument address = new AddressArgument(this);
  private final Operation operation = new Operation();
  private final Executable executable = new Executable(this);

  private int listener = -1;
  private CallKind kind = CallKind.UNKNOWN;
  private IdentityChange change = IdentityChange.NONE;
  private Callers callers;
  private @Nullable Task task;
  private final Makers makers;
  private boolean mayBlock;
  boolean openRead;
  private final Cancellation cancellation = new Cancellation();
  private Progress progress;
  private Optional<Unfinished> unfinished = Optional.empty();

  /// A call that is received into `notif`.
  ///
  /// @param progress where it is noted what is changed for it
  public Call(SeccompNotif notif, Callers callers, Progress progress) {
    this.notif = notif;
    this.callers = callers;
    this.progress = progress;
    this.makers = new Makers(this);
  }

  /// Prepares for a call that is received into `into`, of other callers perhaps. The one before is
  /// over.
  public void place(SeccompNotif into, Callers by, Progress noted) {
    notif = into;
    callers = by;
    progress = noted;
  }

  /// All those that are supervised together with its caller.
  public Callers callers() {
    return callers;
  }

  /// Begins with the notification that has just been received.
  ///
  /// @param identityChange what the call will change, if it takes place
  public void begin(int listenerFd, CallKind callKind, IdentityChange identityChange) {
    listener = listenerFd;
    kind = callKind;
    change = identityChange;
    mayBlock = false;
    memory.begin();
    openRead = false;
    address.begin();
    strings.begin();
    vectors.begin();
    cancellation.begin();
    executable.begin();
    progress.means(Effect.RESULT, 0);
  }

  /// Begins again on a worker: from here on, looking at things may block. The caller has been
  /// looked for.
  public void allowBlocking() {
    mayBlock = true;
    progress.means(Effect.RESULT, 0);
    executable.begin();
    paths.unpin();
    address.unpin();
  }

  /// Closes the objects that were held for the call; what is known of them stays, for its record.
  /// Before it is answered, or its caller could find a file system busy that it has just left.
  public void closeObjects() {
    paths.close();
    address.close();
  }

  /// Lets go of the objects that were held for the call, and of what is known of them.
  public void letGo() {
    paths.clear();
    address.clear();
  }

  /// The call is over; on the event loop.
  public void end() {
    letGo();
    if (task != null) {
      callers.release(task);
      task = null;
    }
    makers.end();
    unfinished = Optional.empty();
  }

  /// Where it is noted what is changed for it.
  public Progress progress() {
    return progress;
  }

  /// What was being changed for it when somebody before us ended, whose call it was. Whoever makes
  /// the change sees to what is there of it already.
  public Optional<Unfinished> unfinished() {
    return unfinished;
  }

  /// Begins where somebody before us ended; after [#begin].
  public void resume(Unfinished change) {
    unfinished = Optional.of(change);
  }

  /// It is known what became of that.
  public void forgetUnfinished() {
    unfinished = Optional.empty();
  }

  /// The notify fd it came from.
  public int listener() {
    return listener;
  }

  /// The kernel's number of the notification.
  public long id() {
    return notif.id();
  }

  /// The thread that calls; 0 if it is not visible in our pid namespace.
  public int tid() {
    return notif.pid();
  }

  public CallKind kind() {
    return kind;
  }

  /// Such as `openat`.
  public String name() {
    return kind.name();
  }

  public Arch arch() {
    return kind.arch();
  }

  @Override
  public long arg(int index) {
    long register = notif.arg(index);
    return kind.arch().is64Bit() ? register : register & 0xffff_ffffL;
  }

  /// A register that holds an int: its lower half, with the sign.
  public int intArg(int index) {
    return (int) notif.arg(index);
  }

  /// Looked for when first asked, on the event loop.
  @Override
  public Task task() {
    if (task == null) {
      task = callers.acquire(this);
    }
    return task;
  }

  @Override
  public boolean isOfSupervisor(int pid) {
    return OwnProcesses.include(pid, task());
  }

  /// Whether what is known of the caller will no longer be true when the call is over.
  boolean changesIdentity() {
    return change != IdentityChange.NONE;
  }

  /// Whether the caller has been looked for: [#task] costs nothing then.
  public boolean hasTask() {
    return task != null;
  }

  /// Who the kernel takes the caller for in this call.
  public Identity identity() {
    return RealIds.govern(this) ? task().realIdentity() : task().identity();
  }

  /// Whether that is who we are: then what we do is what it would do.
  public boolean isByOurselves() {
    return RealIds.govern(this) ? task().isReallyOurs() : task().isOurs();
  }

  /// Who makes calls with the caller's credentials, in its namespaces.
  public Syscalls syscalls() {
    return makers.prompt();
  }

  /// The same for calls that may never come back, unless the call is cancelled; on a worker.
  public Syscalls patientSyscalls() {
    return makers.patient();
  }

  /// The same for what its container may not do, or only the caller itself: they have these
  /// capabilities (a bit set) in our user namespace, and everything else of the caller. Whether it
  /// is entitled to that, the handler knows ([Task#isCapableInContainer]).
  public Syscalls privilegedSyscalls(long capabilities) {
    return callers.privilegedSyscallsFor(this, capabilities);
  }

  /// All of those.
  Makers makers() {
    return makers;
  }

  /// For what is to be made for the caller.
  public Operation operation() {
    return operation;
  }

  /// Who makes a call about what `path` leads to. Throws [Abort#WOULD_BLOCK] on the event loop if
  /// it may wait.
  public Syscalls syscallsFor(PathArgument path) {
    return makers.forPath(path);
  }

  /// Finds and holds what an absolute path leads to in the caller's root. Returns a descriptor of
  /// ours (O_PATH), to be closed, or -errno.
  public int pin(NativeBytes path) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_CLOEXEC;
    return Lookup.pin(this, syscalls(), OpenFlags.AT_FDCWD, path, flags, 0);
  }

  /// Whether this is a worker, where one may wait. On the event loop, throw [Abort#WOULD_BLOCK]
  /// instead.
  public boolean mayBlock() {
    return mayBlock;
  }

  /// Makes sure that the caller still waits, and with it that its thread id and memory were its own
  /// until now.
  public void validate() {
    if (!isValid()) {
      throw Abort.GONE;
    }
  }

  /// Whether the caller still waits.
  public boolean isValid() {
    return Seccomp.idValid(listener, notif) == 0;
  }

  /// How what is being done for it ends early.
  public Cancellation cancellation() {
    return cancellation;
  }

  /// What to fail with for a signal that would end the call in the kernel, if it can be ended here;
  /// else 0. Asked now and then by who looks after the call.
  public int interruption() {
    return task == null ? 0 : cancellation.interruption(task);
  }

  /// How many paths it has.
  public int pathCount() {
    return kind.paths().size();
  }

  /// The `index`th path as it was given.
  public PathArgument copiedPath(int index) {
    return paths.copied(index);
  }

  /// What the `index`th path leads to.
  public PathArgument path(int index) {
    return paths.resolved(index);
  }

  @Override
  public Text canonicalPath(int index) {
    return (executable.isElsewhere() ? executable.file() : path(index)).canonical();
  }

  /// What execve or execveat executes.
  public Executable executable() {
    return executable;
  }

  @Override
  public Text string(int index) {
    return strings.get(index);
  }

  /// The name of an extended attribute that register `index` points to. Throws [Abort] with what
  /// the kernel says where there is none: ERANGE if it is empty or too long.
  public Text xattrName(int index) {
    return strings.xattrName(index);
  }

  /// Copies those of its vectors that are `shown`, for its record. Nothing can be decided by them,
  /// so that the call may continue nevertheless.
  public void copyVectors(Set<Vector> shown) {
    vectors.copy(shown);
  }

  /// What a call of the open family asks for.
  public OpenRequest open() {
    if (!openRead) {
      open.read(this);
      openRead = true;
    }
    return open;
  }

  @Override
  public long openFlags() {
    return open().flags();
  }

  @Override
  public long openMode() {
    return open().mode();
  }

  @Override
  public SocketAddress address() {
    return address.get();
  }

  @Override
  public Text addressPath() {
    return address().isFile() ? addressFile().canonical() : address().path();
  }

  /// What the path of the [#address] leads to; where it is to be made, for bind(2).
  public PathArgument addressFile() {
    return address.file();
  }

  /// What a path leads to that is none of the call's own: one a call. Throws [Abort].
  public PathArgument file(Text path) {
    return address.file(path, AddressArgument.SOMEWHERE);
  }

  /// The same, resolved as `parameter` says. Throws [Abort].
  public PathArgument file(Text path, PathParameter parameter) {
    return address.file(path, parameter);
  }

  /// The message of sendto or sendmsg, or the first of sendmmsg, that [#address] is of.
  public SendRequest message() {
    return address.message();
  }

  /// Goes on to the `index`th message of sendmmsg, if it has the same address as the one before: it
  /// was decided by that. Returns whether it has.
  public boolean nextMessage(int index) {
    return address.nextMessage(index);
  }

  @Override
  public Text workingDirectory() {
    memory.markRead();
    return strings.workingDirectory(CWD);
  }

  /// The caller's memory.
  public CallerMemory memory() {
    return memory;
  }

  /// The caller's own restrictions on path resolution (openat2(2)).
  long resolveFlags() {
    return openRead ? open.resolve() & ~OpenFlags.RESOLVE_CACHED : 0;
  }

  /// Whether it is an open that creates what is not there.
  boolean creates() {
    return openRead && open.has(OpenFlags.O_CREAT);
  }
}
