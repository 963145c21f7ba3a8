package dev.sluice.supervisor.policy.diff;

import dev.sluice.supervisor.policy.condition.Network;
import dev.sluice.supervisor.policy.condition.TextPattern;
import dev.sluice.supervisor.target.IpText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Texts that match a pattern, and one that does not.
final class PatternExamples {
  private PatternExamples() {}

  /// Absolute paths.
  static List<String> paths(TextPattern pattern) {
    var all = new ArrayList<>(List.of("/elsewhere"));
    for (String text : matching(pattern)) {
      all.add(text.startsWith("/") ? text : "/" + text);
    }
    return all;
  }

  static List<String> texts(TextPattern pattern) {
    var all = new ArrayList<>(List.of("other"));
    all.addAll(matching(pattern));
    return all;
  }

  /// Addresses of sockets, with a port.
  static List<String> addresses(TextPattern pattern) {
    var all = new ArrayList<String>();
    switch (pattern) {
      case TextPattern.InNetworks(List<Network> networks) -> {
        for (Network network : networks) {
          String ip = IpText.of(network.address());
          all.add((ip.contains(":") ? "[" + ip + "]" : ip) + ":1");
        }
      }
      case TextPattern.Equal(byte[] other) -> {
        String ip = string(other);
        all.add((ip.contains(":") ? "[" + ip + "]" : ip) + ":1");
      }
      case TextPattern.AnyOf(List<TextPattern> patterns) ->
          patterns.forEach(each -> all.addAll(addresses(each)));
      default -> {}
    }
    return all;
  }

  private static List<String> matching(TextPattern pattern) {
    return switch (pattern) {
      case TextPattern.Equal(byte[] other) -> List.of(string(other));
      case TextPattern.Prefix(byte[] prefix) -> List.of(string(prefix) + "x");
      case TextPattern.Suffix(byte[] suffix) -> List.of("x" + string(suffix));
      case TextPattern.Containing(byte[] part) -> List.of("x" + string(part) + "x");
      case TextPattern.Under(byte[] directory) ->
          List.of(string(directory).replaceFirst("/$", "") + "/x", string(directory));
      case TextPattern.Above(byte[] directory) -> List.of(string(directory));
      case TextPattern.AnyOf(List<TextPattern> patterns) ->
          patterns.stream().flatMap(each -> matching(each).stream()).toList();
      case TextPattern.Globbed(var glob) -> List.of(ofGlob(glob.toString()));
      default -> List.of();
    };
  }

  /// The shortest of the first alternative, more or less.
  private static String ofGlob(String glob) {
    return glob.replaceAll("\\{([^,}]*)[^}]*}", "$1")
        .replaceAll("\\[!?([^\\]])[^\\]]*]", "$1")
        .replace("**/", "x/")
        .replace("**", "x")
        .replace('*', 'x')
        .replace('?', 'x')
        .replace("\\", "");
  }

  private static String string(byte[] text) {
    return new String(text, StandardCharsets.UTF_8);
  }
}
