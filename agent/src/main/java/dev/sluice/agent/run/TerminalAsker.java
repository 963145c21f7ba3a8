package dev.sluice.agent.run;

import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Poll;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Terminal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/// Asks on the terminal, one question after the other. The command has the terminal, so it is
/// borrowed for the answer. What was typed before was typed for the command, and answers nothing.
final class TerminalAsker implements Asker {
  /// How soon a question goes away that nobody waits for any more.
  private static final long LOOK_MILLIS = 100;

  private final int tty;
  private final ReentrantLock turn = new ReentrantLock(true);

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
  public Answer ask(String question, Duration timeout) throws InterruptedException {
    turn.lockInterruptibly();
    try {
      return askNow(question, timeout);
    } finally {
      turn.unlock();
    }
  }

  private Answer askNow(String question, Duration timeout) throws InterruptedException {
    int group = Terminal.foreground(tty);
    if (group < 0 || Terminal.setForeground(tty, Processes.getpgrp()) < 0) {
      return Answer.NONE;
    }
    var signal = new AtomicInteger();
    try {
      Optional<NativeBytes> settings = Terminal.beginLines(tty);
      return settings.isPresent() ? ask(question, timeout, settings.get(), signal) : Answer.NONE;
    } finally {
      Terminal.setForeground(tty, group);
      if (signal.get() != 0) {
        var _ = Processes.signalGroup(group, signal.get()); // whoever has ended needs none
      }
    }
  }

  private static String written(Duration timeout) {
    return timeout.toMillisPart() == 0 ? timeout.toSeconds() + " s" : timeout.toMillis() + " ms";
  }

  /// @param signal what was typed instead of an answer: it is for the command
  private Answer ask(String question, Duration timeout, NativeBytes settings, AtomicInteger signal)
      throws InterruptedException {
    try {
      write("sluice: " + question + " [y/N] ");
      if (!awaitInput(timeout)) {
        write("\nsluice: no answer within " + written(timeout) + ": no\n");
        return Answer.NONE;
      }
      byte[] line = readLine();
      signal.set(line.length == 0 ? 0 : Terminal.signal(settings, line[line.length - 1]));
      if (signal.get() != 0) {
        write("\n");
        return Answer.NONE;
      }
      String text = new String(line, StandardCharsets.UTF_8).strip();
      return text.equalsIgnoreCase("y") ? Answer.YES : Answer.NO;
    } catch (InterruptedException ended) {
      write("\nsluice: the call has ended\n");
      throw ended;
    } finally {
      Terminal.restore(tty, settings);
    }
  }

  /// Returns whether there is any within `timeout`. An interrupted thread still waits in poll(2),
  /// so it looks now and then.
  private boolean awaitInput(Duration timeout) throws InterruptedException {
    long begun = System.nanoTime();
    while (!Thread.interrupted()) {
      long left = timeout.toMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
      int ready = Poll.awaitInput(tty, Math.clamp(left, 0, LOOK_MILLIS));
      if (ready != 0 || left <= 0) {
        return ready == 1;
      }
    }
    throw new InterruptedException();
  }

  private void write(String text) {
    var bytes = NativeBytes.ofString(text);
    Files.write(tty, bytes, bytes.size() - 1);
  }

  private byte[] readLine() {
    var line = NativeBytes.allocate(256);
    int count = Files.read(tty, line);
    if (count < 0) {
      Output.say("read \"/dev/tty\": " + Errno.nameOf(-count));
      return new byte[0];
    }
    byte[] bytes = new byte[count];
    line.get(0, bytes, 0, count);
    return bytes;
  }
}
