package dev.sluice.supervisor.audit.log;

import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.audit.HashChain;
import dev.sluice.supervisor.audit.log.LogFiles.Line;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Makes sure that nothing of a log was cut, changed or moved since it was written: that every line
/// has the hash that follows from it and all before it, that no number is missing, and that every
/// session has its end. Whoever can write the whole file can also make up another one: keep the
/// last hash elsewhere ([#lastHashes]).
public final class Verification {
  private static final byte[] HASH = ",\"hash\":\"".getBytes(StandardCharsets.UTF_8);
  private static final int HASH_LENGTH = 64;

  /// Behind the bytes that are hashed: the hash, `"` and `}`.
  private static final int TAIL = HASH.length + HASH_LENGTH + 2;

  private static final class Session {
    final HashChain chain = new HashChain();
    String where = "";
    String hash = HashChain.START;
    long last;
    long records;
    long lost;
    boolean ended;

    /// What is wrong has been said; what follows from it need not be.
    boolean broken;
  }

  /// @param where `FILE:LINE`
  public record Finding(String where, String message) {
    /// What is in a log may be somebody else's: it must not talk to a terminal.
    public Finding {
      message = ByteText.harmless(message);
    }

    @Override
    public String toString() {
      return where + ": " + message;
    }
  }

  private final Map<String, Session> sessions = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();

  /// Reads a file, which goes on where the one before has ended.
  public void read(Path file) throws IOException {
    LogFiles.read(file, this::line);
  }

  /// What is wrong, or may be, in the order of the lines; sessions without an end come last.
  public List<Finding> findings() {
    var all = new ArrayList<>(findings);
    sessions.forEach((id, session) -> {
      if (!session.ended) {
        all.add(
            new Finding(
                session.where,
                "session "
                    + id
                    + " ends here without a closing record: it goes on, its supervisor was"
                    + " killed, or the end was cut off"));
      }
    });
    return all;
  }

  /// A line about each session: how many records it has.
  public List<String> sessions() {
    return sessions.entrySet().stream()
        .map(entry ->
            "session %s: %d record%s%s, hash %s"
                .formatted(
                    ByteText.harmless(entry.getKey()),
                    entry.getValue().records,
                    entry.getValue().records == 1 ? "" : "s",
                    entry.getValue().lost == 0 ? "" : ", " + entry.getValue().lost + " lost",
                    entry.getValue().hash))
        .toList();
  }

  /// The last hash of every session, by its id.
  public Map<String, String> lastHashes() {
    var hashes = new LinkedHashMap<String, String>();
    sessions.forEach((id, session) -> hashes.put(id, session.hash));
    return hashes;
  }

  private void line(Line line) {
    if (!line.complete()) {
      find(
          line, "the last line is not complete: its supervisor was killed, or the end was cut off");
      return;
    }
    LogLine parsed;
    try {
      parsed = LineReader.read(line.text());
    } catch (IllegalArgumentException e) {
      find(line, "this is no line of an audit log: " + e.getMessage());
      return;
    }
    Session session = sessions.get(parsed.session());
    if (session == null) {
      session = first(line, parsed);
    }
    session.where = line.place();
    checkHash(line, parsed, session);
    checkOrder(line, parsed, session);
  }

  private Session first(Line line, LogLine parsed) {
    var session = new Session();
    sessions.put(parsed.session(), session);
    switch (parsed) {
      case LogLine.Begin _ -> {}
      case LogLine.NextFile(_, _, String previous) -> {
        find(line, "what comes before this file is missing: session " + parsed.session());
        restart(session, previous);
        session.broken = true;
      }
      default -> {
        find(line, "the beginning is missing: session " + parsed.session());
        session.broken = true;
      }
    }
    return session;
  }

  private static void restart(Session session, String hash) {
    if (hash.matches("[0-9a-f]{64}")) {
      session.chain.restart(hash);
      session.hash = hash;
    }
  }

  private void checkHash(Line line, LogLine parsed, Session session) {
    byte[] bytes = line.bytes();
    int end = bytes.length - TAIL;
    if (end < 0 || !startsWith(bytes, end, HASH)) {
      find(line, "the hash is missing");
      session.broken = true;
      return;
    }
    String written = new String(bytes, end + HASH.length, HASH_LENGTH, StandardCharsets.UTF_8);
    String computed = session.chain.add(bytes, 0, end);
    if (!computed.equals(written) && !(session.broken && !(parsed instanceof LogLine.NextFile))) {
      find(line, "this line, or what stands before it, was changed, moved or cut");
    }
    // from here on it may be right again
    restart(session, written);
  }

  private static boolean startsWith(byte[] bytes, int from, byte[] prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if (bytes[from + i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private void checkOrder(Line line, LogLine parsed, Session session) {
    if (session.ended) {
      find(line, "this stands behind the end of its session");
    }
    switch (parsed) {
      case LogLine.Call(_, var record) -> {
        next(line, session, record.sequence(), record.sequence());
        session.records++;
      }
      case LogLine.Gap(_, var gap) -> {
        next(line, session, gap.from(), gap.to());
        session.lost += gap.lost();
      }
      case LogLine.End(_, long last, _) -> {
        if (last != session.last && !session.broken) {
          find(line, "records " + (session.last + 1) + " to " + last + " are missing");
        }
        session.ended = true;
      }
      case LogLine.Begin _, LogLine.NextFile _ -> {}
    }
    session.broken = false;
  }

  private void next(Line line, Session session, long from, long to) {
    if (from != session.last + 1 && !session.broken) {
      find(
          line,
          from > session.last + 1
              ? "records " + (session.last + 1) + " to " + (from - 1) + " are missing"
              : "record " + from + " comes after record " + session.last);
    }
    session.last = to;
  }

  private void find(Line line, String message) {
    findings.add(new Finding(line.place(), message));
  }
}
