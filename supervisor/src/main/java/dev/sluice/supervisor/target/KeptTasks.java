package dev.sluice.supervisor.target;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The tasks that the tables of one event loop keep: each has two descriptors and about a KiB.
/// Where there would be too many, the table that has the most forgets one: so many processes of one
/// container cost the others nothing.
public final class KeptTasks {
  /// Some for each of some hundred containers.
  public static final int MAX = 4096;

  private final int max;
  private final List<TaskTable> tables = new ArrayList<>();
  private int count;

  public KeptTasks(int max) {
    this.max = max;
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

  void remove() {
    count--;
  }

  /// How many there are.
  int size() {
    return count;
  }
}
