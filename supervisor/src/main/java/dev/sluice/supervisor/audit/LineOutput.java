package dev.sluice.supervisor.audit;

import java.io.IOException;
import java.io.OutputStream;

/// Where lines go: all of what is given, or nothing of it.
public interface LineOutput {
  /// For messages.
  String name();

  /// Writes whole lines.
  ///
  /// @throws IOException if they are not there; what part of them is, is removed, if that can be
  void write(byte[] lines, int count) throws IOException;

  /// Whether nothing can be written ever again.
  default boolean isDead() {
    return false;
  }

  /// Whether it is time to go on in another file ([#next]).
  default boolean isFull() {
    return false;
  }

  /// Goes on in the next file, and returns its number.
  default int next() throws IOException {
    throw new IllegalStateException("there is but one");
  }

  void close() throws IOException;

  /// A pipe, or whatever standard output is. What has failed once is over.
  final class OfStream implements LineOutput {
    private final OutputStream stream;
    private final boolean closing;
    private boolean dead;

    OfStream(OutputStream stream, boolean closing) {
      this.stream = stream;
      this.closing = closing;
    }

    @Override
    public String name() {
      return "the output for records";
    }

    @Override
    public void write(byte[] lines, int count) throws IOException {
      if (dead) {
        throw new IOException("an earlier write failed");
      }
      try {
        stream.write(lines, 0, count);
        stream.flush();
      } catch (IOException e) {
        dead = true;
        throw e;
      }
    }

    @Override
    public boolean isDead() {
      return dead;
    }

    @Override
    public void close() throws IOException {
      if (closing) {
        stream.close();
      }
    }
  }
}
