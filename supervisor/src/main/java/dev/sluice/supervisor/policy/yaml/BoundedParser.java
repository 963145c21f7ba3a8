package dev.sluice.supervisor.policy.yaml;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.parser.Parser;

/// The events of a document, up to what memory and stack are there for. Nobody writes a policy that
/// large; a file that is none may be anything.
final class BoundedParser implements Parser {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_VALUES = 50_000;

  /// Of lists and mappings: such references to such references would make a short text a long one.
  private static final int MAX_ALIASES = 10;

  /// The document goes beyond a limit.
  static final class TooMuch extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Optional<Mark> place;

    TooMuch(String message, Optional<Mark> place) {
      super(message, null, false, false);
      this.place = place;
    }

    Optional<Mark> place() {
      return place;
    }
  }

  private final Parser parser;
  private final Set<Anchor> collections = new HashSet<>();

  /// The lists and mappings that have begun and not ended, the innermost first.
  private final Deque<Optional<Anchor>> open = new ArrayDeque<>();

  private int values;
  private int aliases;

  BoundedParser(Parser parser) {
    this.parser = parser;
  }

  @Override
  public boolean hasNext() {
    return parser.hasNext();
  }

  @Override
  public boolean checkEvent(Event.ID choice) {
    return parser.checkEvent(choice);
  }

  @Override
  public Event peekEvent() {
    return parser.peekEvent();
  }

  @Override
  public Event next() {
    Event event = parser.next();
    switch (event) {
      case SequenceStartEvent start -> open(start);
      case MappingStartEvent start -> open(start);
      case ScalarEvent _ -> count(event);
      case AliasEvent alias -> refer(alias);
      case SequenceEndEvent _, MappingEndEvent _ -> open.pop();
      default -> {}
    }
    return event;
  }

  private void open(NodeEvent start) {
    start.getAnchor().ifPresent(collections::add);
    count(start);
    open.push(start.getAnchor());
    if (open.size() > MAX_DEPTH) {
      throw tooMuch(
          start, "no more than " + MAX_DEPTH + " lists and mappings can stand in each other");
    }
  }

  private void count(Event event) {
    if (++values > MAX_VALUES) {
      throw tooMuch(event, "no more than " + MAX_VALUES + " values can stand in a file");
    }
  }

  private void refer(AliasEvent alias) {
    count(alias);
    if (open.contains(Optional.of(alias.getAlias()))) {
      throw tooMuch(alias, "'*" + alias.getAlias() + "' is a part of what it refers to");
    }
    if (collections.contains(alias.getAlias()) && ++aliases > MAX_ALIASES) {
      throw tooMuch(
          alias,
          "no more than "
              + MAX_ALIASES
              + " references to lists and mappings can stand in a file: write this one out");
    }
  }

  private static TooMuch tooMuch(Event at, String message) {
    return new TooMuch(message, at.getStartMark());
  }
}
