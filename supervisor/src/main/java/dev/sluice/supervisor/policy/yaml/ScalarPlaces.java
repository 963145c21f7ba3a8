package dev.sluice.supervisor.policy.yaml;

import dev.sluice.supervisor.policy.Location;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Goes along a scalar as it is written, and its text, to find where in the file the text's parts
/// stand: escapes are longer than what they stand for, lines are joined, and begin further in.
final class ScalarPlaces {
  private static final int NONE = -1;

  private final String file;
  private final ScalarStyle style;
  private final int[] text;
  private final int[] source;
  private final NavigableMap<Integer, Location> places = new TreeMap<>();
  private int at;
  private int line;
  private int column;

  private ScalarPlaces(String file, ScalarNode node, Mark start) {
    this.file = file;
    this.style = node.getScalarStyle();
    this.text = node.getValue().codePoints().toArray();
    this.source = start.getBuffer();
    this.at = start.getPointer();
    this.line = start.getLine() + 1;
    this.column = start.getColumn() + 1;
  }

  /// The places from which the text goes on as it is written, by their offset in it, in code
  /// points. The first is 0.
  static NavigableMap<Integer, Location> of(String file, ScalarNode node) {
    Mark start = node.getStartMark().orElseThrow();
    return new ScalarPlaces(file, node, start).places();
  }

  private NavigableMap<Integer, Location> places() {
    begin();
    remember(0);
    int next = 0;
    while (next < text.length && here() != NONE) {
      next = next(next);
    }
    return places;
  }

  private void remember(int offset) {
    places.put(offset, new Location(file, line, column));
  }

  private boolean isBlock() {
    return style == ScalarStyle.LITERAL || style == ScalarStyle.FOLDED;
  }

  private void begin() {
    while (here() == '&' || here() == '!') {
      skipProperty();
    }
    if (isBlock()) {
      skipLine();
      breakLine(0);
    } else if (style != ScalarStyle.PLAIN) {
      advance(1); // the quote
    }
  }

  /// An anchor or a tag, and what may stand behind it.
  private void skipProperty() {
    while (!isBlank(here()) && here() != NONE) {
      advance(1);
    }
    while (isBlank(here())) {
      advance(1);
      if (here() == '#') {
        skipLine();
      }
    }
  }

  private void skipLine() {
    while (here() != '\n' && here() != NONE) {
      advance(1);
    }
  }

  /// Goes on by what stands for the text at `offset`. Returns the offset of what follows.
  private int next(int offset) {
    boolean atBreak = isBlank(text[offset]) && breakFollows();
    if (atBreak) {
      int end = offset + 1;
      while (text[offset] == '\n' && end < text.length && text[end] == '\n') {
        end++;
      }
      breakLine(end);
      remember(end);
      return end;
    }
    int length = lengthOfEscape();
    advance(length);
    if (here() == '\\' && peek(1) == '\n' && style == ScalarStyle.DOUBLE_QUOTED) {
      advance(1); // the line goes on, and nothing stands for that
      breakLine(offset + 1);
      remember(offset + 1);
    } else if (length > 1) {
      remember(offset + 1);
    }
    return offset + 1;
  }

  private boolean breakFollows() {
    int ahead = 0;
    while (!isBlock() && (peek(ahead) == ' ' || peek(ahead) == '\t')) {
      ahead++;
    }
    return peek(ahead) == '\n' || peek(ahead) == '\r';
  }

  /// Goes to where the text at `offset` stands: behind line breaks, and behind the blanks that are
  /// not a part of it.
  private void breakLine(int offset) {
    int own = 0;
    while (isBlock() && offset + own < text.length && text[offset + own] == ' ') {
      own++;
    }
    while (isBlank(here())) {
      advance(1);
    }
    // of blanks in a line that only the text's own are left of, go back to the first
    at -= own;
    column -= own;
  }

  private int lengthOfEscape() {
    if (style == ScalarStyle.SINGLE_QUOTED && here() == '\'') {
      return 2;
    }
    if (style != ScalarStyle.DOUBLE_QUOTED || here() != '\\') {
      return 1;
    }
    return switch (peek(1)) {
      case 'x' -> 4;
      case 'u' -> 6;
      case 'U' -> 10;
      default -> 2;
    };
  }

  private int here() {
    return peek(0);
  }

  private int peek(int ahead) {
    return at + ahead < source.length ? source[at + ahead] : NONE;
  }

  private static boolean isBlank(int point) {
    return point == ' ' || point == '\t' || point == '\n' || point == '\r';
  }

  private void advance(int count) {
    for (int i = 0; i < count && here() != NONE; i++) {
      boolean ends = here() == '\n' || (here() == '\r' && peek(1) != '\n');
      line += ends ? 1 : 0;
      column = ends ? 1 : column + 1;
      at++;
    }
  }
}
