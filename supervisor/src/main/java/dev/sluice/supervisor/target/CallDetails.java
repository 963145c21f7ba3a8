package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.syscall.Signature;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// What was copied of a call while it was decided, for a record. To copy allocates nothing and
/// looks at nothing anew.
///
/// It is kept in one array of bytes that is used again and again, as a record of many comes to lie
/// in memory that no CPU has at hand, and each line of it costs: the registers, then parts, each
/// behind an int that says which it is and how long.
public final class CallDetails {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private static final int REGISTERS = 6;
  private static final int SIZEOF_REGISTERS = REGISTERS * Long.BYTES;

  /// Parts: the two paths as they were given; where they lead; the strings, by their register; the
  /// address, and where its path leads; what an open asks for; the vectors, by their index.
  private static final int GIVEN = 0;

  private static final int CANONICAL = GIVEN + 2;
  private static final int STRING = CANONICAL + 2;
  private static final int ADDRESS = STRING + REGISTERS;
  private static final int ADDRESS_PATH = ADDRESS + 1;
  private static final int OPEN = ADDRESS_PATH + 1;
  private static final int VECTOR = OPEN + 1;
  private static final int CUT_VECTOR = VECTOR + VectorArguments.MAX_VECTORS;
  private static final int PARTS = CUT_VECTOR + VectorArguments.MAX_VECTORS;

  /// The upper bits of what stands before a part say which it is.
  private static final int LENGTH_BITS = 24;

  private static final int LENGTH = (1 << LENGTH_BITS) - 1;
  private static final int SIZEOF_OPEN = 3 * Long.BYTES;

  /// What is needed beside the contents of the parts.
  private static final int OVERHEAD = SIZEOF_REGISTERS + PARTS * Integer.BYTES + SIZEOF_OPEN;

  private byte[] bytes = {};
  private int end;

  /// Copies what a record of `call` can show beside its paths, as far as that is not done yet: its
  /// strings and its address. Throws [Abort].
  public static void complete(Call call) {
    for (int i = 0; i < call.kind().signature().parameters().size(); i++) {
      if (isString(call, i)) {
        call.string(i);
      }
    }
    if (SocketAddress.isOf(call.name())) {
      call.address();
    } else if (call.name().equals("openat2")) {
      call.open();
    }
  }

  /// Whether that looks at the caller's memory.
  public static boolean lieInMemory(Call call) {
    for (int i = 0; i < call.kind().signature().parameters().size(); i++) {
      if (isString(call, i)) {
        return true;
      }
    }
    return SocketAddress.isOf(call.name()) || call.pathCount() > 0;
  }

  private static boolean isString(Call call, int parameter) {
    return call.kind().signature().parameters().get(parameter).type() == Signature.Type.STRING;
  }

  /// How many bytes the details of `call` take at most.
  public static int size(Call call) {
    int size = OVERHEAD;
    for (int i = 0; i < PathArguments.MAX; i++) {
      PathArgument path = call.paths.at(i);
      if (path.state != PathArgument.State.EMPTY) {
        size += path.rawLength + (path.isResolved() ? path.canonical.length() : 0);
      }
    }
    for (int left = call.strings.copied(); left != 0; left &= left - 1) {
      size += call.strings.get(Integer.numberOfTrailingZeros(left)).length();
    }
    for (int i = 0; i < VectorArguments.MAX_VECTORS; i++) {
      size += call.vectors.isPresent(i) ? call.vectors.length(i) : 0;
    }
    PathArgument file = call.address.knownFile();
    return size
        + (call.address.isRead() ? call.address.get().length() : 0)
        + (file == null || !file.isResolved() ? 0 : file.canonical.length());
  }

  /// Copies them to `to`, which has room for [#size] bytes and belongs to these details until the
  /// next call is copied.
  public void copy(Call call, byte[] to) {
    bytes = to;
    for (int i = 0; i < REGISTERS; i++) {
      LONG.set(to, i * Long.BYTES, call.arg(i));
    }
    end = SIZEOF_REGISTERS;
    for (int i = 0; i < PathArguments.MAX; i++) {
      PathArgument path = call.paths.at(i);
      if (path.state != PathArgument.State.EMPTY) {
        add(GIVEN + i, path.raw, path.rawLength);
        if (path.isResolved()) {
          add(CANONICAL + i, path.canonical);
        }
      }
    }
    for (int left = call.strings.copied(); left != 0; left &= left - 1) {
      int register = Integer.numberOfTrailingZeros(left);
      add(STRING + register, call.strings.get(register));
    }
    copyAddress(call);
    for (int i = 0; i < VectorArguments.MAX_VECTORS; i++) {
      if (call.vectors.isPresent(i)) {
        int length = call.vectors.length(i);
        call.vectors.get(i, to, add((call.vectors.isCut(i) ? CUT_VECTOR : VECTOR) + i, length));
      }
    }
    if (call.openRead) {
      int place = add(OPEN, SIZEOF_OPEN);
      LONG.set(to, place, call.open().flags());
      LONG.set(to, place + Long.BYTES, call.open().mode());
      LONG.set(to, place + 2 * Long.BYTES, call.open().resolve());
    }
  }

  private void copyAddress(Call call) {
    if (call.address.isRead() && call.address.get().isGiven()) {
      add(ADDRESS, call.address.get().raw(), call.address.get().length());
    }
    PathArgument file = call.address.knownFile();
    if (file != null && file.isResolved()) {
      add(ADDRESS_PATH, file.canonical);
    }
  }

  private void add(int part, NativeBytes source, int length) {
    source.get(0, bytes, add(part, length), length);
  }

  private void add(int part, Text source) {
    int length = source.length();
    System.arraycopy(source.array(), 0, bytes, add(part, length), length);
  }

  /// Returns where it is to be copied to.
  private int add(int part, int length) {
    int place = end + Integer.BYTES;
    INT.set(bytes, end, part << LENGTH_BITS | length);
    end = place + length;
    return place;
  }

  /// The registers that hold the arguments.
  public long[] registers() {
    long[] registers = new long[REGISTERS];
    for (int i = 0; i < REGISTERS; i++) {
      registers[i] = (long) LONG.get(bytes, i * Long.BYTES);
    }
    return registers;
  }

  /// Whether the `index`th path was copied.
  public boolean hasPath(int index) {
    return has(GIVEN + index);
  }

  /// The `index`th path as it was given.
  public byte[] givenPath(int index) {
    return bytes(GIVEN + index);
  }

  /// Whether it is known where the `index`th path leads.
  public boolean isPathResolved(int index) {
    return has(CANONICAL + index);
  }

  /// Where it leads.
  public byte[] canonicalPath(int index) {
    return bytes(CANONICAL + index);
  }

  /// Whether the string was copied that register `index` points to.
  public boolean hasString(int index) {
    return has(STRING + index);
  }

  public byte[] string(int index) {
    return bytes(STRING + index);
  }

  /// Whether it has an address, and that was copied.
  public boolean hasAddress() {
    return has(ADDRESS);
  }

  /// The `struct sockaddr`.
  public byte[] address() {
    return bytes(ADDRESS);
  }

  public boolean isAddressPathResolved() {
    return has(ADDRESS_PATH);
  }

  /// Where the path of the address leads.
  public byte[] addressPath() {
    return bytes(ADDRESS_PATH);
  }

  /// Whether the `index`th vector ([VectorParameter#of]) was copied.
  public boolean hasVector(int index) {
    return has(VECTOR + index) || isVectorCut(index);
  }

  /// As it lies in [VectorArguments].
  public byte[] vector(int index) {
    return bytes(isVectorCut(index) ? CUT_VECTOR + index : VECTOR + index);
  }

  /// Whether it had more than was copied.
  public boolean isVectorCut(int index) {
    return has(CUT_VECTOR + index);
  }

  /// Whether what an open asks for was read.
  public boolean hasOpen() {
    return has(OPEN);
  }

  public long openFlags() {
    return (long) LONG.get(bytes, placeOf(OPEN));
  }

  public long openMode() {
    return (long) LONG.get(bytes, placeOf(OPEN) + Long.BYTES);
  }

  public long openResolve() {
    return (long) LONG.get(bytes, placeOf(OPEN) + 2 * Long.BYTES);
  }

  private boolean has(int part) {
    return placeOf(part) >= 0;
  }

  private byte[] bytes(int part) {
    int place = placeOf(part);
    return Arrays.copyOfRange(bytes, place, place + lengthAt(place - Integer.BYTES));
  }

  /// Where a part is; -1 if it is not there.
  private int placeOf(int part) {
    for (int at = SIZEOF_REGISTERS; at < end; at += Integer.BYTES + lengthAt(at)) {
      if ((int) INT.get(bytes, at) >>> LENGTH_BITS == part) {
        return at + Integer.BYTES;
      }
    }
    return -1;
  }

  private int lengthAt(int at) {
    return (int) INT.get(bytes, at) & LENGTH;
  }
}
