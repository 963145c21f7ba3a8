package dev.sluice.agent.oci;

import java.util.HashMap;
import java.util.Map;

/// The places of members of the group. One gets another only while they have fewer than are still
/// free, so that there is one for whoever comes next: a single member gets half of them.
final class MemberPlaces {
  private final Map<Integer, Integer> taken = new HashMap<>();
  private int free;

  MemberPlaces(int all) {
    free = all;
  }

  /// Whether the user got one.
  synchronized boolean take(int user) {
    int theirs = taken.getOrDefault(user, 0);
    if (theirs >= free) {
      return false;
    }
    taken.put(user, theirs + 1);
    free--;
    return true;
  }

  synchronized void giveBack(int user) {
    int left = taken.getOrDefault(user, 1) - 1;
    if (left == 0) {
      taken.remove(user);
    } else {
      taken.put(user, left);
    }
    free++;
  }

  /// How many are taken.
  synchronized int count() {
    return taken.values().stream().mapToInt(Integer::intValue).sum();
  }
}
