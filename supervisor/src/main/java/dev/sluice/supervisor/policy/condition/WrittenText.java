package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.IpText;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What paths and addresses of calls are compared with, where none is ever written so: a rule that
/// denies by such a text would deny nothing.
///
/// What is no file has another name, such as `pipe:[7]`; that of one in memory alone is somebody's
/// choice.
final class WrittenText {
  private static final String IN_MEMORY = "/memfd:";

  private WrittenText() {}

  /// Why no call ever has that text; empty if one may.
  static Optional<String> complaint(TextValue value, String text) {
    if (value.equals(new TextValue.OfAddress(TextValue.OfAddress.Part.IP))) {
      return ofIp(text);
    }
    if (!isPath(value) || isOther(text) || text.startsWith(IN_MEMORY)) {
      return Optional.empty();
    }
    if (!text.startsWith("/")) {
      return Optional.of(notFromRoot(text));
    }
    String normal = PathAnchor.path(text).normalize().toString();
    return normal.equals(text)
        ? Optional.empty()
        : Optional.of(notCanonical(text) + "; did you mean '" + normal + "'?");
  }

  /// Why no call ever has a text that begins so.
  static Optional<String> complaintOfPrefix(TextValue value, String prefix) {
    if (!isPath(value) || isOther(prefix) || prefix.startsWith(IN_MEMORY)) {
      return Optional.empty();
    }
    if (!prefix.startsWith("/")) {
      // without one, it may be the beginning of another name
      return prefix.contains("/") || prefix.startsWith("~")
          ? Optional.of(notFromRoot(prefix))
          : Optional.empty();
    }
    String directory = prefix.substring(1, Math.max(1, prefix.lastIndexOf('/')));
    return prefix.lastIndexOf('/') > 0 && hasOddName(directory)
        ? Optional.of(notCanonical(prefix))
        : Optional.empty();
  }

  /// Why no call ever has a text of that pattern, behind the directories it begins with.
  static Optional<String> complaintOfPattern(TextValue value, String pattern) {
    int meta = PathAnchor.firstMeta(pattern);
    String rest = pattern.substring(pattern.lastIndexOf('/', meta) + 1);
    return isPath(value) && meta < pattern.length() && hasOddName(rest)
        ? Optional.of(notCanonical(pattern))
        : Optional.empty();
  }

  private static boolean isPath(TextValue value) {
    return switch (value) {
      case TextValue.Path _, TextValue.Exe _, TextValue.WorkingDirectory _ -> true;
      case TextValue.OfAddress(TextValue.OfAddress.Part part) ->
          part == TextValue.OfAddress.Part.PATH;
      default -> false;
    };
  }

  /// Such as `pipe:[7]`, the abstract name of a socket, or that there is none.
  private static boolean isOther(String text) {
    return text.isEmpty()
        || text.startsWith("@")
        || (!text.startsWith("/") && !text.startsWith("~") && text.contains(":"));
  }

  /// Whether one of the names between slashes is none that a canonical path has.
  private static boolean hasOddName(String path) {
    return Arrays.stream(path.split("/", -1)).anyMatch(List.of("", ".", "..")::contains);
  }

  private static String notFromRoot(String text) {
    return text.startsWith("~")
        ? "'" + text + "': only under, above and glob take ~ for the home directory"
        : "'" + text + "' does not begin with /, as every path does here";
  }

  private static String notCanonical(String text) {
    return "'" + text + "' can be no path here, as they have neither . nor .. nor a / too many";
  }

  private static Optional<String> ofIp(String text) {
    if (text.isEmpty()) {
      return Optional.empty(); // of other families
    }
    Network network = Network.parse(text);
    String written = IpText.of(network.address());
    if (text.contains("/")) {
      return Optional.of("'" + text + "' is a network: write address.in(\"" + network + "\")");
    }
    return written.equals(text)
        ? Optional.empty()
        : Optional.of("'" + text + "' is written otherwise here; did you mean '" + written + "'?");
  }
}
