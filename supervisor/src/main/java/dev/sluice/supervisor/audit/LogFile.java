package dev.sluice.supervisor.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file of lines. With a limit, it is renamed when it is full, `FILE.000001` first, and another
/// takes its place: the order of the names is that of the records.
final class LogFile implements LineOutput {
  private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);
  private static final int DIGITS = 6;

  /// How often another file is looked for while one grows by its limit.
  private static final int RETRIES = 8;

  private final Path file;
  private final OptionalLong limit;
  private LockedFile current;

  /// Of whole lines.
  private long length;

  /// Whether part of a line stands behind them.
  private boolean torn;

  /// Whether it is a pipe, say, that has failed once: nobody reads it any more, and no part of a
  /// line can be taken back.
  private boolean dead;

  /// Whether what is there does not end with a line: whoever wrote it was killed.
  private boolean unended;

  /// How long the file may become.
  private long end;

  /// What the file is called by now, if nothing has taken its place.
  private Optional<Path> renamed = Optional.empty();

  private LogFile(Path file, OptionalLong limit, LockedFile opened) throws IOException {
    this.file = file;
    this.limit = limit;
    this.end = limit.orElse(Long.MAX_VALUE);
    this.current = opened;
    goOn(opened);
  }

  /// A file that begins anew.
  static LogFile create(Path file) throws IOException {
    var opened = LockedFile.open(file);
    if (opened.isRegular()) {
      opened.channel().truncate(0);
    }
    return new LogFile(file, OptionalLong.empty(), opened);
  }

  /// One that goes on where an earlier session has ended.
  static LogFile append(Path file) throws IOException {
    return new LogFile(file, OptionalLong.empty(), LockedFile.open(file));
  }

  /// The same, and it has about `limit` bytes.
  static LogFile rotating(Path file, long limit) throws IOException {
    return new LogFile(file, OptionalLong.of(limit), LockedFile.open(file));
  }

  /// In another file, behind what is there.
  private void goOn(LockedFile other) throws IOException {
    long size = 0;
    var last = ByteBuffer.wrap(new byte[] {'\n'});
    if (other.isRegular()) {
      size = other.channel().size();
      other.channel().position(size);
      other.channel().read(last, Math.max(size - 1, 0));
    }
    current = other;
    length = size;
    unended = last.get(0) != '\n';
  }

  @Override
  public String name() {
    return ByteText.of(file.toString()).quoted();
  }

  @Override
  public void write(byte[] lines, int count) throws IOException {
    if (torn) {
      cut();
    }
    if (unended && current.channel().write(ByteBuffer.wrap(new byte[] {'\n'})) == 1) {
      unended = false; // that line stays as it is, for those who verify it
      length++;
    }
    var buffer = ByteBuffer.wrap(lines, 0, count);
    try {
      while (buffer.hasRemaining()) {
        current.channel().write(buffer);
      }
    } catch (IOException e) {
      dead = !current.isRegular();
      if (buffer.position() > 0) {
        torn = true;
        try {
          cut();
        } catch (IOException again) {
          e.addSuppressed(again); // tried again before the next write
        }
      }
      throw e;
    }
    length += count;
  }

  @Override
  public boolean isDead() {
    return dead;
  }

  private void cut() throws IOException {
    if (current.isRegular()) {
      current.channel().truncate(length);
      current.channel().position(length);
    }
    torn = false;
  }

  @Override
  public boolean isFull() {
    return current.isRegular() && length >= end;
  }

  /// Where that fails, the current file is gone on with, and becomes a little longer.
  @Override
  public int next() throws IOException {
    end = length + limit.orElseThrow() / RETRIES;
    int number = renamed.isPresent() ? lastNumber() : lastNumber() + 1;
    if (renamed.isEmpty()) {
      Path full = file.resolveSibling(file.getFileName() + "." + "%06d".formatted(number));
      Files.move(file, full);
      renamed = Optional.of(full);
    }
    LockedFile full = current;
    try {
      goOn(LockedFile.open(file));
    } catch (IOException e) {
      nameBack(e);
      throw e;
    }
    renamed = Optional.empty();
    end = limit.orElseThrow();
    try {
      full.close();
    } catch (IOException e) {
      LOG.error("{}: close: {}", name(), e.getMessage());
    }
    return number + 1;
  }

  private void nameBack(IOException why) {
    try {
      Files.move(renamed.orElseThrow(), file);
      renamed = Optional.empty();
    } catch (IOException e) {
      why.addSuppressed(e); // it has its number already, next time
    }
  }

  private int lastNumber() throws IOException {
    String prefix = file.getFileName() + ".";
    Path directory = file.toAbsolutePath().getParent();
    int last = 0;
    try (var names = Files.newDirectoryStream(directory)) {
      for (Path each : names) {
        OptionalInt number = number(each.getFileName().toString(), prefix);
        last = Math.max(last, number.orElse(0));
      }
    }
    return last;
  }

  private static OptionalInt number(String name, String prefix) {
    boolean numbered =
        name.startsWith(prefix)
            && name.length() == prefix.length() + DIGITS
            && name.substring(prefix.length()).chars().allMatch(c -> c >= '0' && c <= '9');
    return numbered
        ? OptionalInt.of(Integer.parseInt(name.substring(prefix.length())))
        : OptionalInt.empty();
  }

  @Override
  public void close() throws IOException {
    current.close();
  }
}
