package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.target.Effect;
import dev.sluice.supervisor.target.Progress;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// The memory calls are received into. Of a listener that outlives us it is a file, mapped shared,
/// so that it is known after a crash which calls were waiting and how far each had come
/// ([JournalLayout]). A slot is zeroed before it is received into, never while its call is open.
final class Journal implements AutoCloseable {
  static final int RECEIVED = 0;

  /// The first of the two changes of a slot is being made, or has been.
  static final int FIRST = 1;

  static final int SECOND = 2;
  static final int ANSWERED = 3;

  private final NativeBytes memory;
  private final JournalLayout layout;

  /// For whoever notes what becomes of changes, or -1: then all ends with us.
  private final int file;

  private Journal(NativeBytes memory, JournalLayout layout, int file) {
    this.memory = memory;
    this.layout = layout;
    this.file = file;
  }

  /// A journal that ends with us, or with the listener: nobody else looks for it. It is in no file,
  /// as the kernel makes whoever writes to one wait while it is written back.
  static Journal inMemory(int slots) {
    var layout = JournalLayout.of(slots);
    return new Journal(NativeBytes.allocate(layout.size()), layout, -1);
  }

  /// A journal for somebody who comes after us, in the place of that of somebody before.
  ///
  /// @param open calls of that, which are in its first slots
  static Journal replace(Path path, int slots, List<OpenCall> open) throws IOException {
    Path aside = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(aside);
    write(aside, slots, open);
    Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE);
    var layout = JournalLayout.of(slots);
    NativeBytes memory = NativeBytes.mapFile(path, layout.size());
    // last, as nobody closes it if something fails: the memory ends by itself
    int fd = dev.sluice.supervisor.kernel.Files.open(path.toString(), OpenFlags.O_RDWR);
    return new Journal(memory, layout, fd);
  }

  /// All of it is written, so that there is room for it: a mapped page without room is a signal.
  private static void write(Path path, int slots, List<OpenCall> open) throws IOException {
    var layout = JournalLayout.of(slots);
    var bytes = ByteBuffer.allocate((int) layout.size()).order(ByteOrder.nativeOrder());
    layout.write(bytes);
    for (int i = 0; i < open.size(); i++) {
      put(open.get(i), bytes, layout, layout.at(i));
    }
    try (var channel =
        Files.newByteChannel(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  private static void put(OpenCall call, ByteBuffer bytes, JournalLayout layout, int at) {
    bytes.put(at + layout.notif(), call.notif());
    if (call.lost()) {
      bytes.putInt(at + layout.state(), ANSWERED);
      return;
    }
    call.unfinished()
        .ifPresent(unfinished -> {
          int change = at + layout.changes();
          bytes.putInt(at + layout.state(), FIRST);
          bytes.putInt(change, unfinished.effect().code());
          bytes.putLong(change + 8, unfinished.base());
          bytes.putLong(change + 16, unfinished.stage().noted());
          bytes.putLong(change + 24, unfinished.result());
        });
  }

  int slots() {
    return layout.slots();
  }

  SeccompNotif notif(int slot) {
    return new SeccompNotif(memory.slice(layout.at(slot) + layout.notif(), SeccompNotif.SIZE));
  }

  void setState(int slot, int state) {
    memory.putInt(layout.at(slot) + layout.state(), state);
  }

  Progress progress(int slot) {
    return file < 0 ? Progress.NONE : new Changes(layout.at(slot));
  }

  @Override
  public void close() {
    if (file >= 0) {
      dev.sluice.supervisor.kernel.Files.close(file);
    }
  }

  /// The changes of one slot, in turns: the one before stays as it is until the next is there.
  private final class Changes implements Progress {
    private final int slot;
    private Effect effect = Effect.RESULT;
    private long base;

    Changes(int slot) {
      this.slot = slot;
    }

    @Override
    public boolean isKept() {
      return true;
    }

    @Override
    public void means(Effect what, long from) {
      effect = what;
      base = from;
    }

    @Override
    public long mark() {
      int next = memory.getInt(slot + layout.state()) == FIRST ? SECOND : FIRST;
      int change = slot + layout.changes() + (next == SECOND ? layout.change() : 0);
      memory.putInt(change, effect.code());
      memory.putLong(change + 8, base);
      memory.putLong(change + 16, 0);
      VarHandle.releaseFence(); // whoever sees the state sees all of that
      memory.putInt(slot + layout.state(), next);
      VarHandle.releaseFence();
      return change + 16L;
    }

    @Override
    public int file() {
      return file;
    }
  }
}
