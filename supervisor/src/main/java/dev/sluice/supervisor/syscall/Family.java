package dev.sluice.supervisor.syscall;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// Calls that can do the same.
///
/// @param byObject whether they do it to what a path or an address leads to
/// @param group what holds all of them and nothing else, such as `@open`
public record Family(SortedSet<String> calls, boolean byObject, Optional<String> group) {
  private static final List<Family> ALL = load();

  public Family {
    calls = Collections.unmodifiableSortedSet(new TreeSet<>(calls));
  }

  /// All there are. A call may be of several.
  public static List<Family> all() {
    return ALL;
  }

  private static List<Family> load() {
    var all = new ArrayList<Family>();
    TableFile.read("families.tbl", fields -> all.add(of(fields)));
    return List.copyOf(all);
  }

  private static Family of(String[] fields) {
    boolean byObject = fields[0].equals("objects");
    var group = Groups.members(fields[1]).map(_ -> fields[1]);
    var calls = Groups.members(fields[1]).orElseGet(TreeSet::new);
    if (group.isEmpty()) {
      calls.addAll(List.of(fields).subList(1, fields.length));
    }
    return new Family(calls, byObject, group);
  }
}
