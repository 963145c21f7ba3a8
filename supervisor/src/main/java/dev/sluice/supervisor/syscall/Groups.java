package dev.sluice.supervisor.syscall;

import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Named sets of calls, such as `@open`: systemd's, and families of our own.
public final class Groups {
  private static final SortedMap<String, SortedSet<String>> MEMBERS = load();

  private Groups() {}

  /// The calls of a group, those of the groups in it included; empty if there is no such group.
  public static Optional<SortedSet<String>> members(String group) {
    if (!MEMBERS.containsKey(group)) {
      return Optional.empty();
    }
    var calls = new TreeSet<String>();
    collect(group, calls);
    return Optional.of(calls);
  }

  /// The names of all groups, each with its `@`.
  public static Set<String> names() {
    return MEMBERS.keySet();
  }

  private static void collect(String group, SortedSet<String> calls) {
    for (String member : MEMBERS.getOrDefault(group, Collections.emptySortedSet())) {
      if (member.startsWith("@")) {
        collect(member, calls);
      } else {
        calls.add(member);
      }
    }
  }

  private static SortedMap<String, SortedSet<String>> load() {
    var groups = new TreeMap<String, SortedSet<String>>();
    TableFile.read(
        "groups.tbl",
        fields -> {
          var members = groups.computeIfAbsent(fields[0], name -> new TreeSet<>());
          for (int i = 1; i < fields.length; i++) {
            members.add(fields[i]);
          }
        });
    return Collections.unmodifiableSortedMap(groups);
  }
}
