package dev.sluice.supervisor.policy.yaml;

import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.Location;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/// From a file to its text, and from that to the nodes of its one YAML document. What is wrong
/// becomes a diagnostic.
public final class YamlText {
  /// Many times what the longest policy has. A file that is named by mistake may have no end.
  private static final int MAX_BYTES = 1024 * 1024;

  private static final String BYTE_ORDER_MARK = "\ufeff";

  private YamlText() {}

  /// The text in `path`.
  public static Optional<String> read(Path path, List<Diagnostic> diagnostics) {
    var start = new Location(path.toString(), 1, 1);
    try (var in = Files.newInputStream(path)) {
      var bytes = ByteBuffer.wrap(in.readNBytes(MAX_BYTES + 1));
      if (isTooLong(start.file(), bytes.remaining(), diagnostics)) {
        return Optional.empty();
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      return Optional.of(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
    } catch (NoSuchFileException e) {
      diagnostics.add(Diagnostic.error(start, "there is no such file"));
    } catch (CharacterCodingException e) {
      diagnostics.add(Diagnostic.error(start, "the file is not UTF-8"));
    } catch (IOException e) {
      diagnostics.add(Diagnostic.error(start, "the file cannot be read: " + FileErrors.reason(e)));
    }
    return Optional.empty();
  }

  /// Complains if a text is longer than any policy.
  public static boolean isTooLong(String file, int length, List<Diagnostic> diagnostics) {
    if (length > MAX_BYTES) {
      String message = "no more than " + MAX_BYTES + " bytes can stand in a file";
      diagnostics.add(Diagnostic.error(new Location(file, 1, 1), message));
    }
    return length > MAX_BYTES;
  }

  /// The document in `text`; `file` stands for it in diagnostics.
  ///
  /// @param begin what such a document begins with, for who has an empty one
  public static Optional<Node> compose(
      String file, String text, String begin, List<Diagnostic> diagnostics) {
    if (isTooLong(file, text.length(), diagnostics) || isUnprintable(file, text, diagnostics)) {
      return Optional.empty();
    }
    // BoundedParser counts those that matter
    var settings =
        LoadSettings.builder()
            .setLabel(file)
            .setMaxAliasesForCollections(Integer.MAX_VALUE)
            .setCodePointLimit(MAX_BYTES)
            .setAllowNonScalarKeys(true) // YamlMapping says where they are
            .setBufferSize(text.length() + 1) // so that each mark has it all: see ScalarPlaces
            .build();
    try {
      var parser = new ParserImpl(settings, new StreamReader(settings, text));
      Optional<Node> node = new Composer(settings, new BoundedParser(parser)).getSingleNode();
      if (node.isEmpty()) {
        diagnostics.add(Diagnostic.error(new Location(file, 1, 1), "the file is empty; " + begin));
      }
      return node;
    } catch (BoundedParser.TooMuch e) {
      diagnostics.add(Diagnostic.error(locate(file, e.place()), String.valueOf(e.getMessage())));
    } catch (MarkedYamlEngineException e) {
      diagnostics.add(
          Diagnostic.error(
              locate(file, e.getProblemMark()), "this is not YAML: " + e.getProblem()));
    } catch (YamlEngineException e) {
      diagnostics.add(
          Diagnostic.error(new Location(file, 1, 1), "this is not YAML: " + e.getMessage()));
    }
    return Optional.empty();
  }

  /// Complains of the first character that YAML does not have, of which the parser would not say
  /// where it is.
  private static boolean isUnprintable(String file, String text, List<Diagnostic> diagnostics) {
    int line = 1;
    int column = 1;
    int point;
    for (int i = 0; i < text.length(); i += Character.charCount(point)) {
      point = text.codePointAt(i);
      if (!StreamReader.isPrintable(point)) {
        diagnostics.add(
            Diagnostic.error(
                new Location(file, line, column),
                "this is not YAML: it has no U+%04X".formatted(point)));
        return true;
      }
      line += point == '\n' ? 1 : 0;
      column = point == '\n' ? 1 : column + 1;
    }
    return false;
  }

  private static Location locate(String file, Optional<Mark> mark) {
    return new Location(
        file, mark.map(Mark::getLine).orElse(0) + 1, mark.map(Mark::getColumn).orElse(0) + 1);
  }
}
