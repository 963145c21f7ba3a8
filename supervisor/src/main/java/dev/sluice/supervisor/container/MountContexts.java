package dev.sluice.supervisor.container;

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
    synchronized (this) {
      List<MountContext> others =
          contexts.stream().filter(other -> other.listener() == context.listener()).toList();
      if (others.size() >= MAX_OF_LISTENER) {
        drop(others.getFirst()::equals);
      }
      contexts.add(context);
    }
    dropLater(context);
  }

  private void dropLater(MountContext context) {
    LATER.execute(() -> {
      if (!remove(context)) {
        dropLater(context);
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

  /// Closes it, unless somebody uses it. Returns whether it is not there any more.
  synchronized boolean remove(MountContext context) {
    drop(context::equals);
    return !contexts.contains(context);
  }

  private void drop(Predicate<MountContext> which) {
    contexts.removeIf(context -> which.test(context) && context.closeIfUnused());
  }
}
