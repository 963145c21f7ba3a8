package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.syscall.Signature;
import java.util.Arrays;

/// What was copied of a call beyond its registers while it was decided, for a record: kept in one
/// array of bytes that is used again and again. To copy allocates nothing and looks at nothing
/// anew.
public final class CallDetails {
  private static final int MAX_PATHS = 2;
  private static final int MAX_STRINGS = 3;

  /// Places in the array: a path as it was given and where it leads, for two; the strings; the
  /// address, and where its path leads; the vectors.
  private static final int STRINGS = 2 * MAX_PATHS;

  private static final int ADDRESS = STRINGS + MAX_STRINGS;
  private static final int ADDRESS_PATH = ADDRESS + 1;
  private static final int VECTORS = ADDRESS_PATH + 1;
  private static final int PLACES = VECTORS + VectorArguments.MAX_VECTORS;

  private final int[] begins = new int[PLACES];
  private final int[] ends = new int[PLACES];
  private final boolean[] present = new boolean[PLACES];
  private final int[] registers = new int[MAX_STRINGS];
  private final boolean[] cut = new boolean[VectorArguments.MAX_VECTORS];
  private int end;
  private byte[] bytes = {};
  private boolean open;
  private long openFlags;
  private long openMode;
  private long openResolve;

  /// Copies what a record of `call` can show beside its paths, as far as that is not done yet: its
  /// strings and its address. Throws [Abort].
  public static void complete(Call call) {
    for (int i = 0; i < call.kind().signature().parameters().size(); i++) {
      if (call.kind().signature().parameters().get(i).type() == Signature.Type.STRING) {
        call.string(i);
      }
    }
    switch (call.name()) {
      case "connect", "bind", "sendto", "sendmsg", "sendmmsg" -> call.address();
      case "openat2" -> call.open();
      default -> {}
    }
  }

  /// How many bytes the details of `call` take.
  public static int size(Call call) {
    int size = 0;
    for (PathArgument path : call.paths) {
      if (path.state != PathArgument.State.EMPTY) {
        size += path.rawLength + (path.isResolved() ? path.canonical.length() : 0);
      }
    }
    for (int i = 0; i < call.kind().signature().parameters().size(); i++) {
      size += (call.strings.isCopied(i) ? call.strings.get(i).length() : 0);
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
    end = 0;
    Arrays.fill(present, false);
    for (int i = 0; i < MAX_PATHS; i++) {
      PathArgument path = call.paths[i];
      if (path.state != PathArgument.State.EMPTY) {
        add(2 * i, path.raw, path.rawLength);
        if (path.isResolved()) {
          add(2 * i + 1, path.canonical);
        }
      }
    }
    copyStrings(call);
    if (call.address.isRead() && call.address.get().isGiven()) {
      add(ADDRESS, call.address.get().raw(), call.address.get().length());
    }
    PathArgument file = call.address.knownFile();
    if (file != null && file.isResolved()) {
      add(ADDRESS_PATH, file.canonical);
    }
    for (int i = 0; i < VectorArguments.MAX_VECTORS; i++) {
      if (call.vectors.isPresent(i)) {
        begin(VECTORS + i, call.vectors.length(i));
        call.vectors.get(i, bytes, begins[VECTORS + i]);
        cut[i] = call.vectors.isCut(i);
      }
    }
    open = call.openRead;
    if (open) {
      openFlags = call.open().flags();
      openMode = call.open().mode();
      openResolve = call.open().resolve();
    }
  }

  private void copyStrings(Call call) {
    int place = 0;
    for (int i = 0; i < call.kind().signature().parameters().size(); i++) {
      Signature.Type type = call.kind().signature().parameters().get(i).type();
      if (type == Signature.Type.STRING && place < MAX_STRINGS && call.strings.isCopied(i)) {
        registers[place] = i;
        add(STRINGS + place++, call.strings.get(i));
      }
    }
  }

  private void add(int place, NativeBytes source, int length) {
    begin(place, length);
    source.get(0, bytes, begins[place], length);
  }

  private void add(int place, Text source) {
    begin(place, source.length());
    System.arraycopy(source.array(), 0, bytes, begins[place], source.length());
  }

  private void begin(int place, int length) {
    begins[place] = end;
    end += length;
    ends[place] = end;
    present[place] = true;
  }

  /// Whether the `index`th path was copied.
  public boolean hasPath(int index) {
    return present[2 * index];
  }

  /// The `index`th path as it was given.
  public byte[] givenPath(int index) {
    return bytes(2 * index);
  }

  /// Whether it is known where the `index`th path leads.
  public boolean isPathResolved(int index) {
    return present[2 * index + 1];
  }

  /// Where it leads.
  public byte[] canonicalPath(int index) {
    return bytes(2 * index + 1);
  }

  /// Whether the string was copied that register `index` points to.
  public boolean hasString(int index) {
    return placeOf(index) >= 0;
  }

  public byte[] string(int index) {
    return bytes(placeOf(index));
  }

  private int placeOf(int register) {
    for (int i = 0; i < MAX_STRINGS; i++) {
      if (present[STRINGS + i] && registers[i] == register) {
        return STRINGS + i;
      }
    }
    return -1;
  }

  /// Whether it has an address, and that was copied.
  public boolean hasAddress() {
    return present[ADDRESS];
  }

  /// The `struct sockaddr`.
  public byte[] address() {
    return bytes(ADDRESS);
  }

  public boolean isAddressPathResolved() {
    return present[ADDRESS_PATH];
  }

  /// Where the path of the address leads.
  public byte[] addressPath() {
    return bytes(ADDRESS_PATH);
  }

  /// Whether the `index`th vector ([VectorParameter#of]) was copied.
  public boolean hasVector(int index) {
    return present[VECTORS + index];
  }

  /// As it lies in [VectorArguments].
  public byte[] vector(int index) {
    return bytes(VECTORS + index);
  }

  /// Whether it had more than was copied.
  public boolean isVectorCut(int index) {
    return cut[index];
  }

  /// Whether what an open asks for was read.
  public boolean hasOpen() {
    return open;
  }

  public long openFlags() {
    return openFlags;
  }

  public long openMode() {
    return openMode;
  }

  public long openResolve() {
    return openResolve;
  }

  private byte[] bytes(int place) {
    return Arrays.copyOfRange(bytes, begins[place], ends[place]);
  }
}
