package dev.sluice.agent.terminal;

import java.util.ArrayList;
import java.util.List;

/// Lines of columns, for people to read.
public final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  public Table(String... heads) {
    rows.add(List.of(heads));
  }

  public void row(List<?> cells) {
    rows.add(cells.stream().map(Table::text).toList());
  }

  /// What a container is called must do nothing to a terminal.
  private static String text(Object cell) {
    String text = String.valueOf(cell).replaceAll("\\p{Cntrl}|[\\x80-\\x9f]", "?");
    return text.isEmpty() ? "-" : text;
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        boolean last = i == row.size() - 1;
        text.append(row.get(i));
        if (!last) {
          text.repeat(' ', width(i) - row.get(i).length() + 2);
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }
}
