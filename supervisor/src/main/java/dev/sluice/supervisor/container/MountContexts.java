package dev.sluice.supervisor.container;

import dev.sluice.supervisor.kernel.Closers;
import dev.sluice.supervisor.kernel.Processes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// The contexts of all containers. They are found by the open file they stand behind, whoever holds
/// it under which number.
///
/// Nobody tells when a container has closed its own; so there are few, and not for long.
final class MountContexts {
  static final MountContexts ALL = new MountContexts();

  private static final int MAX_OF_LISTENER = 16;
  private static final Executor LATER = CompletableFuture.delayedExecutor(1, TimeUnit.MINUTES);

  /// The oldest comes first.
  private final List<MountContext> contexts = new ArrayList<>();

  private MountContexts() {}

  void add(MountContext context) {
    Optional<MountContext> oldest = enter(context);
    endLater(context);
    oldest.ifPresent(MountContext::close);
  }

  /// Enters it, and takes out the oldest if there were enough.
  private synchronized Optional<MountContext> enter(MountContext context) {
    List<MountContext> others =
        contexts.stream().filter(other -> other.listener() == context.listener()).toList();
    contexts.add(context);
    return others.size() < MAX_OF_LISTENER ? Optional.empty() : take(others.getFirst());
  }

  /// On a thread of its own: others wait for the one that looks at the clock.
  private void endLater(MountContext context) {
    LATER.execute(() -> {
      Optional<MountContext> ended = take(context);
      if (ended.isPresent()) {
        Closers.run(context::close);
      } else if (isThere(context)) {
        endLater(context);
      }
    });
  }

  /// The one that `fd`, a descriptor of ours, stands for.
  Optional<MountContext> of(int fd) {
    return find(context -> Processes.isOneFile(context.standIn(), fd));
  }

  /// The one of whose mount `fd`, a descriptor of ours, is the directory.
  Optional<MountContext> ofDirectory(int fd) {
    return find(context -> context.isDirectory(fd));
  }

  private synchronized Optional<MountContext> find(Predicate<MountContext> which) {
    return contexts.stream().filter(which).findFirst();
  }

  /// Closes it, unless somebody uses it.
  void remove(MountContext context) {
    take(context).ifPresent(MountContext::close);
  }

  /// Takes it out, unless somebody uses it. Whoever does closes it, which may take long, and not
  /// while others wait.
  private synchronized Optional<MountContext> take(MountContext context) {
    boolean isTaken = contexts.contains(context) && context.endIfUnused();
    return isTaken && contexts.remove(context) ? Optional.of(context) : Optional.empty();
  }

  private synchronized boolean isThere(MountContext context) {
    return contexts.contains(context);
  }
}
