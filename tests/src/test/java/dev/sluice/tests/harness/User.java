package dev.sluice.tests.harness;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Who a command runs as: a number that no account needs to have.
public record User(int uid, int gid, List<Integer> groups) {
  public static final User ORDINARY = new User(4242, 4242, List.of());
  public static final User ANOTHER = new User(4343, 4343, List.of());

  public User inGroups(Integer... more) {
    return new User(uid, gid, Arrays.asList(more));
  }

  /// What makes a command theirs (setpriv(1)).
  public List<String> prefix() {
    var words = new ArrayList<>(List.of("setpriv", "--reuid", "" + uid, "--regid", "" + gid));
    if (groups.isEmpty()) {
      words.add("--clear-groups");
    } else {
      words.add("--groups");
      words.add(groups.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    return words;
  }
}
