package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.target.Effect;
import dev.sluice.supervisor.target.Unfinished;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A call that somebody before us received, as its journal has it. It may have been answered since.
///
/// @param notif the bytes of its `struct seccomp_notif`
/// @param unfinished what was being changed for it, if that had begun
/// @param lost whether something was, and a journal of another version says what
record OpenCall(byte[] notif, Optional<Unfinished> unfinished, boolean lost) {
  /// The calls in the journal `file`. Throws [UnreadableJournalException] if it is none.
  static List<OpenCall> read(Path file) throws IOException {
    var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
    JournalLayout layout = JournalLayout.read(bytes);
    var calls = new ArrayList<OpenCall>();
    for (int i = 0; i < layout.slots(); i++) {
      int at = layout.at(i);
      if (bytes.getLong(at + layout.notif()) != 0) {
        calls.add(read(bytes, layout, at));
      }
    }
    return calls;
  }

  private static OpenCall read(ByteBuffer bytes, JournalLayout layout, int at) {
    var notif = new byte[(int) SeccompNotif.SIZE];
    bytes.get(at + layout.notif(), notif);
    int state = bytes.getInt(at + layout.state());
    boolean isChanging = state == Journal.FIRST || state == Journal.SECOND;
    if (!isChanging) {
      return new OpenCall(notif, Optional.empty(), state != Journal.RECEIVED);
    }
    if (layout.version() != JournalLayout.VERSION) {
      return new OpenCall(notif, Optional.empty(), true);
    }
    int change = at + layout.changes() + (state == Journal.SECOND ? layout.change() : 0);
    var unfinished =
        Effect.ofCode(bytes.getInt(change))
            .map(effect ->
                new Unfinished(
                    effect,
                    bytes.getLong(change + 8),
                    Unfinished.Stage.ofNoted(bytes.getLong(change + 16)),
                    bytes.getLong(change + 24)));
    return new OpenCall(notif, unfinished, unfinished.isEmpty());
  }
}
