package dev.sluice.agent;

import java.nio.charset.StandardCharsets;

/// Standard output in UTF-8, whatever the locale: what is in a name must not become a question
/// mark.
final class Output {
  private Output() {}

  static void line(String text) {
    write(text + "\n");
  }

  static void write(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.out.write(bytes, 0, bytes.length);
    if (System.out.checkError()) {
      throw new UsageException("standard output cannot be written");
    }
  }
}
