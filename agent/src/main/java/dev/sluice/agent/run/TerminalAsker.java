package dev.sluice.agent.run;

import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Terminal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// Asks on the terminal, one question after the other. The command has the terminal, so it is
/// borrowed for the answer. What was typed before was typed for the command, and answers nothing.
final class TerminalAsker implements Asker {
  private final int tty;

  private TerminalAsker(int tty) {
    this.tty = tty;
  }

  /// On our controlling terminal, if there is one.
  static Optional<Asker> open() {
    int fd =
        Files.openat(
            OpenFlags.AT_FDCWD,
            NativeBytes.ofString("/dev/tty"),
            OpenFlags.O_RDWR | OpenFlags.O_NOCTTY | OpenFlags.O_CLOEXEC,
            0);
    return fd < 0 ? Optional.empty() : Optional.of(new TerminalAsker(fd));
  }

  @Override
  public synchronized boolean ask(String question, Duration timeout) {
    int group = Terminal.foreground(tty);
    if (group < 0 || Terminal.setForeground(tty, Processes.getpgrp()) < 0) {
      return false;
    }
    try {
      Optional<NativeBytes> settings = Terminal.beginLines(tty);
      return settings.isPresent() && ask(question, timeout, settings.get());
    } finally {
      Terminal.setForeground(tty, group);
    }
  }

  private boolean ask(String question, Duration timeout, NativeBytes settings) {
    try {
      write("sluice: " + question + " [y/N] ");
      boolean answered = Terminal.awaitInput(tty, timeout.toMillis()) == 1;
      if (!answered) {
        write("\nsluice: no answer within " + timeout.toSeconds() + " s: no\n");
      }
      return answered && readLine().strip().equalsIgnoreCase("y");
    } finally {
      Terminal.restore(tty, settings);
    }
  }

  private void write(String text) {
    var bytes = NativeBytes.ofString(text);
    Files.write(tty, bytes, bytes.size() - 1);
  }

  private String readLine() {
    var line = NativeBytes.allocate(256);
    int count = Files.read(tty, line);
    if (count < 0) {
      Output.say("read \"/dev/tty\": " + Errno.nameOf(-count));
      return "";
    }
    byte[] bytes = new byte[count];
    line.get(0, bytes, 0, count);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
