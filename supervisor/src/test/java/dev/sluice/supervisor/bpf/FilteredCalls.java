package dev.sluice.supervisor.bpf;

import dev.sluice.supervisor.CProgram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Calls that are made under filters by `src/test/c/filtered.c`: what the kernel says of both.
public final class FilteredCalls {
  private final ByteArrayOutputStream input = new ByteArrayOutputStream();

  /// Adds a filter, and calls that are to be made under it.
  public void add(Program filter, List<SeccompData> calls) {
    put(number(filter.size()));
    put(filter.toBytes());
    put(number(calls.size()));
    for (SeccompData call : calls) {
      var bytes = ByteBuffer.allocate(7 * Long.BYTES).order(ByteOrder.nativeOrder());
      bytes.putLong(call.nr());
      call.args().forEach(bytes::putLong);
      put(bytes.array());
    }
  }

  /// Makes all the calls. Returns what became of each: `value N`, `signal N` or `refused N`.
  public List<String> make() {
    put(number(0));
    Process process = CProgram.named("filtered").start();
    var results = new ArrayList<String>();
    var writer =
        new Thread(() -> {
          try (var stream = process.getOutputStream()) {
            input.writeTo(stream);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    writer.start();
    process.inputReader().lines().forEach(results::add);
    return results;
  }

  private static byte[] number(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(number).array();
  }

  private void put(byte[] bytes) {
    input.writeBytes(bytes);
  }
}
