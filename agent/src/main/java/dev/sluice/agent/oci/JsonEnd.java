package dev.sluice.agent.oci;

/// Finds the end of a JSON object in bytes that come in pieces: runtimes do not say how long their
/// state is, and some keep the connection open until the container ends.
final class JsonEnd {
  private int depth;
  private boolean inString;
  private boolean escaped;

  /// The index behind the end of the object, or -1 if it is not among these bytes.
  ///
  /// @param from the first that has not been looked at
  int find(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      byte b = bytes[i];
      if (escaped) {
        escaped = false;
      } else if (inString) {
        escaped = b == '\\';
        inString = b != '"';
      } else if (b == '"') {
        inString = true;
      } else if (b == '{' || b == '[') {
        depth++;
      } else if ((b == '}' || b == ']') && --depth <= 0) {
        return i + 1;
      }
    }
    return -1;
  }
}
