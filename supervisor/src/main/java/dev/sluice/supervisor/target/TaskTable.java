package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Processes;
import org.jspecify.annotations.Nullable;

/// The tasks that have made calls lately, by thread id; belongs to one event loop.
///
/// A thread changes its credentials, namespaces and program only by calls of its own. The filter
/// notifies those, the listener forgets the thread before it lets them go on, and when the thread
/// is heard of again they are over. What changes others too ([RootChanges]) has all be forgotten,
/// and nobody be kept before it is over.
public final class TaskTable {
  private static final int CAPACITY = 1024;

  private final Identity own = Proc.ownIdentity();

  /// A thread has one place, by the low bits of its id; ids are given out in order.
  private final @Nullable Task[] tasks = new Task[CAPACITY];

  private final Execing execing = new Execing(CAPACITY);
  private final RootChanges rootChanges = new RootChanges();
  private final KeptTasks kept;
  private boolean keeping;
  private int size;

  /// Where [#forgetOne] goes on.
  private int hand;

  /// @param kept those of all tables
  public TaskTable(KeptTasks kept) {
    this(kept, true);
  }

  private TaskTable(KeptTasks kept, boolean keeping) {
    this.kept = kept;
    this.keeping = keeping;
  }

  /// One that looks at the thread anew with every call, for filters that need not notify what
  /// changes it.
  public static TaskTable keepingNothing() {
    return new TaskTable(new KeptTasks(0), false);
  }

  /// The thread that made `call`; in use until [#release]. Throws [Abort].
  public Task acquire(Call call) {
    int tid = call.tid();
    Task known = tasks[tid % CAPACITY];
    if (known != null && known.tid() == tid && known.isAlive()) {
      known.use();
      return known;
    }
    forget(tid);
    boolean isCurrent = isKeeping(); // if not before, it may change while it is looked at
    Task task = look(tid);
    task.use();
    try {
      call.validate();
    } catch (Abort gone) {
      task.forget();
      task.release();
      throw gone;
    }
    if (isCurrent && !call.changesIdentity() && !execing.contains(tid)) {
      keep(task);
    } else {
      task.forget();
    }
    return task;
  }

  /// Nothing of what is kept is worth a call that fails for want of a descriptor. One that does
  /// nevertheless fails with EIO: the descriptors are not its caller's.
  private Task look(int tid) {
    try {
      return Task.look(tid, own);
    } catch (Abort abort) {
      if (!isForDescriptors(abort)) {
        throw abort;
      }
      kept.forgetAll();
    }
    try {
      return Task.look(tid, own);
    } catch (Abort abort) {
      throw isForDescriptors(abort) ? Abort.errno(Errno.EIO) : abort;
    }
  }

  private static boolean isForDescriptors(Abort abort) {
    return abort.errno() == Errno.EMFILE.number() || abort.errno() == Errno.ENFILE.number();
  }

  /// Whether the number can come to mean another program unheard ([Callers#mayBeReplaced]).
  public boolean mayBeReplaced(int tid) {
    return !keeping || execing.contains(tid);
  }

  /// Whether what is looked at now stays as it is until its thread is heard of.
  boolean isKeeping() {
    return keeping && rootChanges.areOver();
  }

  void keep(Task task) {
    replace(task.tid() % CAPACITY, task);
  }

  public void release(Task task) {
    task.release();
  }

  /// What is known of a thread that waits for us, for a record; null if nothing is.
  ///
  /// @param now [System#nanoTime]
  public @Nullable Task peek(int tid, long now) {
    Task known = tasks[tid % CAPACITY];
    if (known == null || known.tid() != tid) {
      return null;
    }
    if (!known.isAlive(now)) {
      forget(tid); // the number means another
      return null;
    }
    return known;
  }

  /// Forgets what `call`, which its thread has just made, will change. Before it is decided: what
  /// is found out about the thread from here on serves this call only.
  public void expect(IdentityChange change, Call call) {
    if (!keeping) {
      return;
    }
    rootChanges.heardOf(call.tid());
    switch (change) {
      case NONE -> {}
      case CREDENTIALS -> forget(call.tid());
      case ROOT -> {
        close();
        if (!rootChanges.add(call.tid())) {
          forgetAllForGood();
        }
      }
      case PROGRAM -> {
        forgetLeaderOf(call);
        forget(call.tid());
      }
    }
  }

  /// If it is another thread that executes a program ([Execing]).
  private void forgetLeaderOf(Call call) {
    if (Processes.tgkill(call.tid(), call.tid(), 0) != -Errno.ESRCH.number()) {
      return; // it is the leader
    }
    try {
      int leader = call.task().tgid();
      forget(leader);
      if (!execing.add(leader)) {
        forgetAllForGood();
      }
    } catch (Abort unknown) {
      forgetAllForGood();
    }
  }

  private void forget(int tid) {
    Task known = tasks[tid % CAPACITY];
    if (known != null && known.tid() == tid) {
      replace(tid % CAPACITY, null);
    }
  }

  /// From now on every call looks anew: nobody can tell any more when what has been begun is over.
  private void forgetAllForGood() {
    keeping = false;
    execing.clear();
    close();
  }

  /// Closes every task not in use.
  public void close() {
    for (int i = 0; i < CAPACITY; i++) {
      replace(i, null);
    }
  }

  /// How many it keeps.
  int size() {
    return size;
  }

  /// Makes room for another.
  void forgetOne() {
    while (size > 0) {
      hand = (hand + 1) % CAPACITY;
      if (tasks[hand] != null) {
        replace(hand, null);
        return;
      }
    }
  }

  private void replace(int place, @Nullable Task task) {
    Task old = tasks[place];
    tasks[place] = task;
    if (old != null) {
      old.forget();
    }
    if (old == null && task != null) {
      if (size++ == 0) {
        kept.begin(this);
      }
      kept.add();
    } else if (old != null && task == null) {
      if (--size == 0) {
        kept.end(this);
      }
      kept.remove();
    }
  }
}
