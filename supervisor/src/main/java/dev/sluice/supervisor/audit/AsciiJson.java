package dev.sluice.supervisor.audit;

import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.json.JsonFactory;

/// JSON in printable ASCII. What is beyond may turn the direction of writing, or talk to a
/// terminal, and is escaped.
public final class AsciiJson {
  /// The last character of ASCII.
  private static final int DELETE = 0x7f;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .rootValueSeparator("")
          .highestNonEscapedChar(DELETE)
          .characterEscapes(new EveryControl())
          .build();

  private AsciiJson() {}

  /// The stream stays open when the generator is closed.
  @SuppressWarnings("exports") // for the rooms of records only
  public static JsonGenerator generator(OutputStream to) {
    return JSON.createGenerator(ObjectWriteContext.empty(), to);
  }

  /// JSON wants all of them escaped but the last.
  private static final class EveryControl extends CharacterEscapes {
    private static final long serialVersionUID = 1;

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] codes = standardAsciiEscapesForJSON();
      codes[DELETE] = ESCAPE_STANDARD;
      return codes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
      return null; // none is out of the ordinary
    }
  }
}
