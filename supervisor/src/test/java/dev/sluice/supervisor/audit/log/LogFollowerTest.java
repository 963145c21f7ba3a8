package dev.sluice.supervisor.audit.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.JsonLines;
import dev.sluice.supervisor.audit.Records;
import dev.sluice.supervisor.audit.store.SqliteLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFollowerTest {
  @TempDir private Path directory;

  private final List<Long> seen = new ArrayList<>();
  private boolean ended;

  private Path file() {
    return directory.resolve("log");
  }

  private void line(LogFiles.Line line) {
    switch (LineReader.read(line.text())) {
      case LogLine.Call(_, var record) -> seen.add(record.sequence());
      case LogLine.End _ -> ended = true;
      default -> {}
    }
  }

  private void hasSeen(long last) {
    assertThat(seen).containsExactlyElementsOf(LongStream.rangeClosed(1, last).boxed().toList());
  }

  @Test
  void whatIsAddedIsReadAndNothingTwice() throws IOException {
    try (var sink = JsonLines.file(file());
        var follower = new LogFollower(file(), this::line)) {
      sink.begin(Records.SESSION);
      for (int i = 1; i <= 20; i++) {
        follower.read();
        hasSeen(i - 1);
        sink.write(Records.denied(i, "/file\n" + i));
        sink.flush();
      }
      follower.read();
      hasSeen(20);
    }
  }

  /// However many files were renamed since it was last asked.
  @Test
  void filesThatTakeEachOthersPlaceAreReadInOrder() throws IOException {
    var random = new Random(3);
    int records = 400;
    try (var follower = new LogFollower(file(), this::line)) {
      try (var sink = JsonLines.rotating(file(), 2_000)) {
        sink.begin(Records.SESSION);
        for (int i = 1; i <= records; i++) {
          sink.write(Records.denied(i, "/file" + i));
          sink.flush();
          if (random.nextInt(20) == 0) {
            follower.read();
            hasSeen(i);
          }
        }
      }
      follower.read();
    }
    hasSeen(records);
    assertThat(ended).isTrue();
  }

  @Test
  void aFileIsFollowedWhileItIsWrittenAndRenamed() throws Exception {
    int records = 20_000;
    var sink = JsonLines.rotating(file(), 20_000);
    sink.begin(Records.SESSION);
    var writer =
        Thread.ofPlatform()
            .unstarted(() -> {
              for (int i = 1; i <= records; i++) {
                sink.write(Records.denied(i, "/file" + i));
                if (i % 5 == 0) {
                  sink.flush();
                }
              }
              sink.close();
            });
    try (var follower = new LogFollower(file(), this::line)) {
      follower.read(); // or it would begin with whatever file has the name by then
      writer.start();
      while (!ended) {
        boolean over = !writer.isAlive();
        follower.read();
        assertThat(over && !ended).as("its end is there, but was not read").isFalse();
      }
    }
    writer.join();
    hasSeen(records);
  }

  @Test
  void aLineThatIsNotCompleteWaitsForItsRest() throws IOException {
    try (var sink = JsonLines.file(file())) {
      sink.begin(Records.SESSION);
      sink.write(Records.denied(1, "/\u00e4"));
    }
    byte[] all = Files.readAllBytes(file());
    Path other = directory.resolve("other");
    Files.write(other, new byte[0]);
    try (var follower = new LogFollower(other, this::line)) {
      for (byte each : all) {
        Files.write(other, new byte[] {each}, StandardOpenOption.APPEND);
        follower.read();
      }
    }
    hasSeen(1);
    assertThat(ended).isTrue();
  }

  @Test
  void aFileThatBeginsAnewIsReadFromItsBeginning() throws IOException {
    try (var follower = new LogFollower(file(), this::line)) {
      try (var sink = JsonLines.file(file())) {
        sink.begin(Records.SESSION);
        sink.write(Records.denied(1, "/x"));
        sink.write(Records.denied(2, "/x"));
        sink.flush();
        follower.read();
        hasSeen(2);
      }
      try (var sink = JsonLines.file(file())) {
        sink.begin(Records.SESSION);
        sink.flush();
        follower.read();
        seen.clear();
        sink.write(Records.denied(1, "/y"));
        sink.flush();
        follower.read();
        hasSeen(1);
      }
    }
  }

  @Test
  void aDatabaseIsFollowedToo() throws IOException {
    try (var sink = SqliteLog.open(file());
        var follower = new LogFollower(file(), this::line)) {
      sink.begin(Records.SESSION);
      for (int i = 1; i <= 20; i++) {
        sink.write(Records.denied(i, "/x"));
        sink.flush();
        follower.read();
        hasSeen(i);
      }
    }
  }
}
