package dev.sluice.supervisor.target;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The tasks that the tables of one event loop keep: each has two descriptors and about a KiB.
/// Where there would be too many, the table that has the most forgets one: so many processes of one
/// container cost the others nothing. All are forgotten where there is no descriptor left to look
/// at another.
public final class KeptTasks {
  /// Some for each of some hundred containers.
  private static final int MAX = 4096;

  /// Of two descriptors each, they have a quarter of all that there may be.
  private static final int DESCRIPTORS_A_TASK = 8;

  private final int max;
  private final List<TaskTable> tables = new ArrayList<>();
  private int count;

  public KeptTasks(int max) {
    this.max = max;
  }

  /// As many as our own limit on descriptors (RLIMIT_NOFILE) has room for.
  public static KeptTasks asManyAsFit() {
    return new KeptTasks(most(FreeDescriptors.ownLimit()));
  }

  static int most(long descriptors) {
    return (int) Math.min(MAX, descriptors / DESCRIPTORS_A_TASK);
  }

  void begin(TaskTable table) {
    tables.add(table);
  }

  void end(TaskTable table) {
    tables.remove(table);
  }

  void add() {
    if (++count > max) {
      tables.stream().max(Comparator.comparingInt(TaskTable::size)).ifPresent(TaskTable::forgetOne);
    }
  }

  void forgetAll() {
    List.copyOf(tables).forEach(TaskTable::close);
  }

  void remove() {
    count--;
  }

  /// How many there are.
  int size() {
    return count;
  }
}
