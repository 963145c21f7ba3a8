package dev.sluice.supervisor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// A process that waits with memory laid out by `src/test/c/pages.c`.
public final class PagesTarget implements AutoCloseable {
  private static final String LAST = "8192_letters";

  private final Process process = CProgram.named("pages").start();
  private final Map<String, Long> addresses = new HashMap<>();

  public PagesTarget() {
    // not closed: it waits as long as its input is open
    BufferedReader output = process.inputReader();
    try {
      while (!addresses.containsKey(LAST)) {
        String[] line = Objects.requireNonNull(output.readLine(), "it ended early").split(" ", 2);
        addresses.put(line[0], Long.parseUnsignedLong(line[1]));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int pid() {
    return (int) process.pid();
  }

  /// Where that string lies.
  public long address(String name) {
    return Objects.requireNonNull(addresses.get(name), name);
  }

  /// Ends it, and waits until its number means nobody.
  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
