package dev.sluice.supervisor.audit.store;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The tables of an audit log. `line` has the lines as they are, and nothing else: all that is
/// shown beside them is worked out from them when it is asked for, so that there is nothing that
/// could disagree with what the hashes prove.
final class LineSchema {
  /// What the view `call` has of a call: the members of its line (src/docs/audit.md).
  private static final List<String> MEMBERS =
      List.of(
          "session",
          "seq",
          "time",
          "policy",
          "epoch",
          "tid",
          "pid",
          "ppid",
          "uid",
          "gid",
          "comm",
          "exe",
          "cgroup",
          "container",
          "syscall",
          "arch",
          "path",
          "path2",
          "rule",
          "action",
          "outcome",
          "errno",
          "value",
          "class",
          "alert",
          "latency_ns",
          "allow");

  private LineSchema() {}

  /// What makes them, where they are not there yet.
  static List<String> statements() {
    var columns =
        MEMBERS.stream()
            .map(name -> "json ->> '$." + name + "' AS \"" + name + '"')
            .collect(Collectors.joining(", "));
    var statements = new ArrayList<String>();
    statements.add(
        """
        CREATE TABLE IF NOT EXISTS line (
          number INTEGER PRIMARY KEY,
          json TEXT NOT NULL
        ) STRICT
        """);
    statements.add(
        "CREATE VIEW IF NOT EXISTS call AS SELECT number, "
            + columns
            + ", json FROM line WHERE json ->> '$.type' = 'call'");
    statements.add(
        """
        CREATE VIEW IF NOT EXISTS gap AS
        SELECT number, json ->> '$.session' AS session, json ->> '$.from' AS "from",
          json ->> '$.to' AS "to", json ->> '$.lost' AS lost, json ->> '$.time' AS time,
          json ->> '$.reason' AS reason
        FROM line WHERE json ->> '$.type' = 'gap'
        """);
    return statements;
  }
}
