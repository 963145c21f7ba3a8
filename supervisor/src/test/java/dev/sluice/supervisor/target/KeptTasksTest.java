package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// With the threads of this process as those that make calls.
class KeptTasksTest {
  private static final int PLACES = 1024;

  private final KeptTasks kept = new KeptTasks(6);
  private final TaskTable many = new TaskTable(kept);
  private final TaskTable few = new TaskTable(kept);

  private final ParkedThreads threads = new ParkedThreads();

  @AfterEach
  void endThreads() {
    threads.close();
  }

  private List<Task> tasks(int count) {
    Set<Integer> places = new HashSet<>();
    var tasks = new ArrayList<Task>();
    while (tasks.size() < count) {
      int tid = threads.start();
      if (places.add(tid % PLACES)) {
        tasks.add(Task.look(tid, Proc.ownIdentity()));
      }
    }
    return tasks;
  }

  @Test
  void whoHasTheMostForgetsWhenThereAreTooMany() {
    List<Task> tasks = tasks(8);
    tasks.subList(0, 5).forEach(many::keep);
    tasks.subList(5, 8).forEach(few::keep);
    assertThat(many.size()).isEqualTo(3);
    assertThat(few.size()).isEqualTo(3);
    assertThat(kept.size()).isEqualTo(6);
    assertThat(
            Stream.of(5, 6, 7)
                .map(tasks::get)
                .map(Task::tid)
                .map(tid -> few.peek(tid, System.nanoTime())))
        .isEqualTo(tasks.subList(5, 8));
  }

  /// A shell's limit may be 1024 and less.
  @Test
  void thereAreAsManyAsLeaveRoomForOtherDescriptors() {
    assertThat(KeptTasks.most(1 << 20)).isEqualTo(4096);
    assertThat(KeptTasks.most(1024)).isEqualTo(128);
    assertThat(KeptTasks.most(Long.MAX_VALUE)).isEqualTo(4096);
    assertThat(FreeDescriptors.ownLimit()).isPositive();
  }

  @Test
  void allAreForgottenAtOnce() {
    List<Task> tasks = tasks(4);
    tasks.subList(0, 2).forEach(many::keep);
    tasks.subList(2, 4).forEach(few::keep);
    kept.forgetAll();
    assertThat(kept.size()).isZero();
    assertThat(many.size() + few.size()).isZero();
  }

  /// Its number may be another's by then.
  @Test
  void whoHasEndedIsNotKnownAnyMore() throws Exception {
    Process process = new ProcessBuilder("cat").start();
    Task task = Task.look((int) process.pid(), Proc.ownIdentity());
    few.keep(task);
    assertThat(few.peek(task.tid(), System.nanoTime())).isSameAs(task);
    process.destroyForcibly().waitFor();
    assertThat(few.peek(task.tid(), System.nanoTime() + 1_000_000_000)).isNull();
    assertThat(few.size()).isZero();
  }

  @Test
  void oneInThePlaceOfAnotherIsNoMore() {
    Task task = tasks(1).getFirst();
    many.keep(task);
    many.keep(Task.look(task.tid(), Proc.ownIdentity()));
    assertThat(kept.size()).isEqualTo(1);
    many.close();
    assertThat(kept.size()).isZero();
    few.keep(Task.look(task.tid(), Proc.ownIdentity()));
    assertThat(kept.size()).isEqualTo(1);
  }
}
