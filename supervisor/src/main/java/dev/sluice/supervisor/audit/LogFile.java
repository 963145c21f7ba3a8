package dev.sluice.supervisor.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// A file of lines. With a limit, it is renamed when it is full, `FILE.000001` first, and another
/// takes its place: the order of the names is that of the records.
final class LogFile implements LineOutput {
  private static final int DIGITS = 6;

  private final Path file;
  private final OptionalLong limit;
  private FileChannel channel;
  private boolean regular;

  /// Of whole lines.
  private long length;

  /// Whether part of a line stands behind them.
  private boolean torn;

  private LogFile(Path file, OptionalLong limit) throws IOException {
    this.file = file;
    this.limit = limit;
    this.channel = limit.isPresent() ? append() : begin();
  }

  /// A file that begins anew.
  static LogFile create(Path file) throws IOException {
    return new LogFile(file, OptionalLong.empty());
  }

  /// One that goes on where an earlier session has ended, and has about `limit` bytes.
  static LogFile rotating(Path file, long limit) throws IOException {
    return new LogFile(file, OptionalLong.of(limit));
  }

  private FileChannel begin() throws IOException {
    var opened =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    regular = Files.isRegularFile(file);
    length = 0;
    return opened;
  }

  private FileChannel append() throws IOException {
    if (!Files.isRegularFile(file)) {
      return begin();
    }
    regular = true;
    var opened = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    length = opened.size();
    opened.position(length);
    var last = ByteBuffer.allocate(1);
    if (length > 0 && opened.read(last, length - 1) == 1 && last.get(0) != '\n') {
      // whoever wrote it was killed: its last line stays as it is, for those who verify it
      opened.write(ByteBuffer.wrap(new byte[] {'\n'}));
      length++;
    }
    return opened;
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
    var buffer = ByteBuffer.wrap(lines, 0, count);
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
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

  private void cut() throws IOException {
    if (regular) {
      channel.truncate(length);
      channel.position(length);
    }
    torn = false;
  }

  @Override
  public boolean isFull() {
    return limit.isPresent() && regular && length >= limit.getAsLong();
  }

  @Override
  public int next() throws IOException {
    int number = lastNumber() + 1;
    Path renamed = file.resolveSibling(file.getFileName() + "." + "%06d".formatted(number));
    Files.move(file, renamed);
    channel.close();
    channel = begin();
    return number + 1;
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
    channel.close();
  }
}
