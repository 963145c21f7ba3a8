package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.target.CallDetails;
import dev.sluice.supervisor.target.Vector;
import dev.sluice.supervisor.target.VectorParameter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Reads the vectors of a call as they were copied ([CallDetails#vector]).
final class VectorDecoder {
  private VectorDecoder() {}

  /// @param index of the parameter among the call's vectors
  static Argument.Value decode(VectorParameter parameter, int index, CallDetails details) {
    byte[] bytes = details.vector(index);
    boolean cut = details.isVectorCut(index);
    return parameter.kind() == Vector.DATA
        ? new Argument.Buffers(buffers(bytes), cut)
        : new Argument.Texts(texts(bytes), cut);
  }

  private static List<ByteText> texts(byte[] bytes) {
    var texts = new ArrayList<ByteText>();
    int begin = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        texts.add(new ByteText(Arrays.copyOfRange(bytes, begin, i)));
        begin = i + 1;
      }
    }
    if (begin < bytes.length) {
      texts.add(new ByteText(Arrays.copyOfRange(bytes, begin, bytes.length)));
    }
    return List.copyOf(texts);
  }

  private static List<Argument.Buffer> buffers(byte[] bytes) {
    var buffers = new ArrayList<Argument.Buffer>();
    ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    while (from.hasRemaining()) {
      long base = from.getLong();
      long length = from.getLong();
      int count = (int) from.getLong();
      Optional<ByteText> data = Optional.empty();
      if (count >= 0) {
        byte[] read = new byte[count];
        from.get(read);
        from.position(from.position() + (-count & (Long.BYTES - 1)));
        data = Optional.of(new ByteText(read));
      }
      buffers.add(new Argument.Buffer(base, length, data));
    }
    return List.copyOf(buffers);
  }
}
