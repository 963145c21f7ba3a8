package dev.sluice.supervisor.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;

/// Records as JSON, one a line, each with a hash over itself and all before it ([HashChain]).
///
/// What cannot be written, as the disk is full, is kept and written later. What there is no more
/// room to keep for is counted, and a gap stands in its place once lines can be written again.
public final class JsonLines implements AuditSink {
  private static final Logger LOG = LoggerFactory.getLogger(JsonLines.class);

  /// How much is written at once.
  private static final int BATCH = 1 << 16;

  /// How much is kept for later.
  private static final int MAX_KEPT = 1 << 20;

  private final LineOutput output;
  private final LineBuffer lines = new LineBuffer();
  private final HashChain chain = new HashChain();
  private final TimeText time = new TimeText();
  private JsonGenerator json = newGenerator();
  private JsonRecord record = new JsonRecord(json, time, "");
  private String session = "";

  /// The last number that stands in a line, or in a gap.
  private long last;

  /// How many records are in [#lines].
  private long kept;

  /// The last number that is lost, after [#last]; 0 if none is.
  private long lostTo;

  /// How many records are lost since the beginning.
  private final AtomicLong lostInAll = new AtomicLong();

  private String reason = "";
  private boolean failing;

  /// @param closing whether `stream` is ours to close
  public JsonLines(OutputStream stream, boolean closing) {
    this(new LineOutput.OfStream(stream, closing));
  }

  /// Lines that go to a place of one's own.
  public JsonLines(LineOutput output) {
    this.output = output;
  }

  /// A file that begins anew. No other writes records to it meanwhile.
  ///
  /// @throws IOException if it cannot be opened, or another does
  public static JsonLines file(Path file) throws IOException {
    return new JsonLines(LogFile.create(file));
  }

  /// The same, but one that goes on where an earlier session has ended.
  public static JsonLines appending(Path file) throws IOException {
    return new JsonLines(LogFile.append(file));
  }

  /// The same. Once it has `limit` bytes it is renamed to FILE.000001 (.000002, …), and another
  /// takes its place.
  public static JsonLines rotating(Path file, long limit) throws IOException {
    return new JsonLines(LogFile.rotating(file, limit));
  }

  private JsonGenerator newGenerator() {
    return AsciiJson.generator(lines);
  }

  @Override
  public void begin(AuditSession begun) {
    session = begun.id();
    record = new JsonRecord(json, time, session);
    add(each -> each.session(begun));
    flush();
  }

  @Override
  public void write(AuditRecord call) {
    if (!hasRoom() || output.isDead() || lostTo > 0) {
      lose(call.sequence());
      lostInAll.incrementAndGet();
      return;
    }
    try {
      add(each -> each.call(call));
      last = call.sequence();
      kept++;
    } catch (RuntimeException | Error e) {
      lose(call.sequence());
      reason = "it could not be formatted";
      throw e;
    }
    if (lines.size() >= BATCH && !failing) {
      flush();
    }
  }

  @Override
  public void lost(AuditGap gap) {
    if (!hasRoom() || output.isDead() || lostTo > 0) {
      lose(gap.to());
      return;
    }
    add(each -> each.gap(gap));
    last = gap.to();
  }

  @Override
  public boolean hasRoom() {
    return lines.size() < MAX_KEPT || output.isDead();
  }

  @Override
  public long lost() {
    return lostInAll.get();
  }

  private void lose(long sequence) {
    if (lostTo == 0) {
      LOG.error("records are lost from here on: {}: {}", output.name(), reason);
    }
    lostTo = sequence;
  }

  /// Adds a line, with its hash, to those that are to be written.
  private void add(Consumer<JsonRecord> line) {
    int begin = lines.size();
    try {
      line.accept(record);
      json.flush();
      String hash = chain.add(lines.array(), begin, lines.size() - begin);
      json.writeStringProperty("hash", hash);
      json.writeEndObject();
      json.writeRaw('\n');
      json.flush();
    } catch (RuntimeException | Error e) {
      lines.truncate(begin); // the generator is in the middle of it
      json = newGenerator();
      record = new JsonRecord(json, time, session);
      throw e;
    }
  }

  @Override
  public void flush() {
    if (write() && lostTo > 0) {
      addGap();
      var _ = write();
    }
  }

  /// In the place of those that are lost.
  private void addGap() {
    LOG.warn("{}: records {} to {} are lost", output.name(), last + 1, lostTo);
    var gap = new AuditGap(last + 1, lostTo, Instant.now(), reason);
    lostTo = 0;
    add(each -> each.gap(gap));
    last = gap.to();
  }

  /// Writes what is kept. Returns whether that could be done.
  private boolean write() {
    if (lines.size() == 0 || output.isDead()) {
      return !output.isDead();
    }
    try {
      output.write(lines.array(), lines.size());
      lines.truncate(0);
      kept = 0;
      if (failing) {
        failing = false;
        LOG.warn("{}: records are written again", output.name());
      }
      rotate();
      return true;
    } catch (IOException e) {
      reason = reason(e);
      if (!failing) {
        failing = true;
        LOG.error("{}: records cannot be written: {}", output.name(), reason);
      }
      if (output.isDead()) {
        lostInAll.addAndGet(kept);
      }
      return false;
    }
  }

  /// Goes on in another file, if it is time for that. That begins with the hash of the line before.
  private void rotate() {
    try {
      if (output.isFull()) {
        String previous = chain.hex();
        int number = output.next();
        add(each -> each.file(number, Instant.now(), previous));
      }
    } catch (IOException e) {
      reason = reason(e);
      LOG.error("{}: no other file can take its place: {}", output.name(), reason);
    }
  }

  private static String reason(IOException e) {
    String message = String.valueOf(e.getMessage());
    return e instanceof FileSystemException named
        ? Optional.ofNullable(named.getReason()).orElse(message)
        : message;
  }

  @Override
  public void close() {
    flush();
    long missing = kept + Math.max(0, lostTo - last);
    if (lostTo > 0 && !output.isDead()) {
      addGap(); // behind what is kept: it may be written this time
    }
    add(each -> each.end(last, Instant.now()));
    if (!write()) {
      LOG.error("{}: {} records were not written: {}", output.name(), missing, reason);
    }
    json.close();
    try {
      output.close();
    } catch (IOException e) {
      LOG.error("{}: {}", output.name(), reason(e));
    }
  }
}
