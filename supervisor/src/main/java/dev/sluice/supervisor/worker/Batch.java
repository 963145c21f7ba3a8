package dev.sluice.supervisor.worker;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Progress;
import dev.sluice.supervisor.target.RootDirectory;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// System calls for `sluice-worker` to make, one after the other until one fails. See
/// native/common/protocol.h.
public final class Batch {
  static final int PROTOCOL = 0x736c7531;
  static final int MAX_CALLS = 32;
  static final int MAX_BLOB = 73728;
  private static final int HEADER_SIZE = 40;

  /// What [#addNote] puts into the blob, and what is there to align it.
  private static final int NOTE_SIZE = 3 * Long.BYTES;

  private static final int CALL_SIZE = 64;

  private static final int CALL_FD = 1;
  private static final int CALL_SEND = 2;
  private static final int CALL_MAY_FAIL = 4;
  private static final int BATCH_FORK = 1;

  /// `BATCH_STORE`
  private static final int STORE = -1;

  /// An argument of a call.
  ///
  /// @param kind `enum argument_kind`
  public record Argument(int kind, long value) {}

  /// An argument that is a number.
  public static Argument value(long value) {
    return new Argument(0, value);
  }

  private record Entry(int nr, int flags, List<Argument> arguments) {}

  private final List<Entry> calls = new ArrayList<>();
  private final List<Integer> fds = new ArrayList<>();
  private final ByteArrayOutputStream blob = new ByteArrayOutputStream();
  private int flags;

  /// How many calls stand before and behind those that were asked for.
  private int before;

  private int behind;

  /// Those before that must succeed for any to be made: [#inCgroups].
  private int entering;

  private Optional<Argument> note = Optional.empty();
  private int journal = -1;

  /// A batch whose last call changes something for `call`. If that outlives us ([Progress]), it is
  /// noted in its journal, by whoever makes the calls, that they begin, and what the last returned.
  static Batch changing(Call call) {
    var batch = new Batch();
    if (call.progress().isKept()) {
      batch.journal = call.progress().file();
      var place = value(call.progress().mark());
      var begun = batch.bytes(longs(Progress.BEGUN));
      batch.note = Optional.of(place);
      batch.call("pwrite64", batch.fd(batch.journal), begun, value(Long.BYTES), place);
      batch.before = batch.calls.size();
    }
    return batch;
  }

  private static byte[] longs(long... values) {
    var bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.nativeOrder());
    bytes.asLongBuffer().put(values);
    return bytes.array();
  }

  /// The last call is there: whatever it returns is noted.
  private void addNote(Argument place) {
    letLastFail();
    var result = new Argument(3, calls.size() - 1);
    var made = bytes(longs(Progress.MADE, 0));
    store(at(made, Long.BYTES), result, Long.BYTES);
    call("pwrite64", fd(journal), made, value(2 * Long.BYTES), place);
    behind = 2;
    note = Optional.empty();
  }

  /// Adds a call that is made whatever the one before it returns, and whose own result nobody asks
  /// for. Nothing may come behind it, and nothing is noted of such a batch.
  void afterwards(String name, Argument... arguments) {
    letLastFail();
    call(name, arguments);
    behind++;
  }

  private void letLastFail() {
    Entry last = calls.removeLast();
    calls.add(new Entry(last.nr, last.flags | CALL_MAY_FAIL, last.arguments));
  }

  /// Of what the calls returned, the part that was asked for.
  long[] asked(long[] results) {
    if (results.length <= entering && results[results.length - 1] < 0) {
      return new long[] {-Errno.EPERM.number()};
    }
    int end = Math.min(results.length, calls.size() - behind);
    return Arrays.copyOfRange(results, Math.min(before, results.length - 1), end);
  }

  /// In a child of the worker, which ends afterwards: for calls that change a process for good.
  public Batch inChild() {
    flags |= BATCH_FORK;
    return this;
  }

  /// The same in a child that is in these cgroups; with EPERM, if it cannot be. They want it for as
  /// long as it lives, and the worker would be in the way of their removal.
  ///
  /// @param members descriptors of their `cgroup.procs`
  Batch inCgroups(List<Integer> members) {
    if (members.isEmpty()) {
      return this;
    }
    var itself = bytes(new byte[] {'0'});
    members.forEach(group -> call("write", fd(group), itself, value(1)));
    before = calls.size();
    entering = before;
    return inChild();
  }

  /// A descriptor of ours, which the worker receives a copy of.
  public Argument fd(int fd) {
    int known = fds.indexOf(fd);
    if (known < 0) {
      fds.add(fd);
    }
    return new Argument(2, known < 0 ? fds.size() - 1 : known);
  }

  /// A pointer to a copy of `bytes`.
  public Argument bytes(byte[] bytes) {
    while (blob.size() % 8 != 0) {
      blob.write(0);
    }
    int offset = blob.size();
    blob.writeBytes(bytes);
    return new Argument(1, offset);
  }

  /// A pointer to a NUL-terminated string.
  public Argument string(String text) {
    return bytes((text + '\0').getBytes(StandardCharsets.UTF_8));
  }

  /// The same, copied up to its NUL.
  public Argument string(NativeBytes text) {
    int length = text.indexOfNul(0, (int) text.size()) + 1;
    byte[] bytes = new byte[length];
    text.get(0, bytes, 0, length);
    return bytes(bytes);
  }

  /// Adds a call; returns its result, for calls behind it.
  public Argument call(String name, Argument... arguments) {
    return add(name, 0, arguments);
  }

  /// The same for a call whose result is a descriptor that ends with the batch.
  public Argument open(String name, Argument... arguments) {
    return add(name, CALL_FD, arguments);
  }

  /// The same for a call whose result is a descriptor that we want.
  public Argument send(String name, Argument... arguments) {
    return add(name, CALL_FD | CALL_SEND, arguments);
  }

  /// The same for a call that may fail without ending the batch.
  public Argument attempt(String name, Argument... arguments) {
    return add(name, CALL_MAY_FAIL, arguments);
  }

  /// What lies `offset` bytes behind `bytes` of [#bytes].
  public static Argument at(Argument bytes, int offset) {
    return new Argument(bytes.kind, bytes.value + offset);
  }

  /// Stores the lower `size` bytes of `value` at `place` of [#bytes].
  public void store(Argument place, Argument value, int size) {
    append(new Entry(STORE, 0, List.of(place, value, value(size))));
  }

  /// [#call] by the call's number.
  Argument call(int nr, Argument... arguments) {
    return add(nr, 0, arguments);
  }

  /// [#send] by the call's number.
  Argument send(int nr, Argument... arguments) {
    return add(nr, CALL_FD | CALL_SEND, arguments);
  }

  private Argument add(String name, int callFlags, Argument... arguments) {
    return add(Arch.host().number(name).orElseThrow(), callFlags, arguments);
  }

  private Argument add(int nr, int callFlags, Argument... arguments) {
    append(new Entry(nr, callFlags, List.of(arguments)));
    return new Argument(3, calls.size() - 1);
  }

  private void append(Entry entry) {
    if (calls.size() == MAX_CALLS) {
      throw new IllegalStateException("more than " + MAX_CALLS + " calls");
    }
    calls.add(entry);
  }

  int size() {
    return calls.size() - before;
  }

  /// Whether the blob, with the note of what came of the last call, is more than a worker takes.
  boolean isTooLong() {
    return blob.size() + NOTE_SIZE > MAX_BLOB;
  }

  int blobSize() {
    return blob.size();
  }

  int[] fds() {
    int[] numbers = new int[fds.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = fds.get(i);
    }
    return numbers;
  }

  /// The message for the worker.
  ///
  /// @param root the directory without which as its root it is to make no call
  byte[] toMessage(Optional<RootDirectory> root) {
    note.ifPresent(this::addNote);
    byte[] data = blob.toByteArray();
    var buffer =
        ByteBuffer.allocate(HEADER_SIZE + calls.size() * CALL_SIZE + data.length)
            .order(ByteOrder.nativeOrder());
    buffer.putInt(PROTOCOL).putInt(flags).putInt(calls.size()).putInt(data.length);
    buffer.putLong(root.map(RootDirectory::mount).orElse(0L));
    buffer.putLong(root.map(RootDirectory::device).orElse(0L));
    buffer.putLong(root.map(RootDirectory::inode).orElse(0L));
    for (Entry call : calls) {
      buffer.putInt(call.nr).putInt(call.flags);
      for (int i = 0; i < 8; i++) {
        buffer.put((byte) (i < call.arguments.size() ? call.arguments.get(i).kind : 0));
      }
      for (int i = 0; i < 6; i++) {
        buffer.putLong(i < call.arguments.size() ? call.arguments.get(i).value : 0);
      }
    }
    buffer.put(data);
    return buffer.array();
  }
}
