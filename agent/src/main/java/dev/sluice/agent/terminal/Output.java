package dev.sluice.agent.terminal;

import dev.sluice.supervisor.kernel.Poll;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Standard output in UTF-8, whatever the locale: what is in a name must not become a question
/// mark. What is not the output, goes to standard error.
public final class Output {
  private static final int STDOUT = 1;

  private Output() {}

  public static void say(@Nullable String message) {
    System.err.println("sluice: " + message);
  }

  public static void line(String text) {
    write(text + "\n");
  }

  public static void write(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.out.write(bytes, 0, bytes.length);
    if (System.out.checkError()) {
      if (Poll.isBroken(STDOUT)) {
        throw new ReaderGoneException();
      }
      throw new UsageException("standard output cannot be written");
    }
  }
}
