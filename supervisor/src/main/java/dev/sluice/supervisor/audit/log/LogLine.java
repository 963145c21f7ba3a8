package dev.sluice.supervisor.audit.log;

import dev.sluice.supervisor.audit.AuditGap;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditSession;
import java.time.Instant;

/// A line of an audit log.
public sealed interface LogLine {
  /// The id of the supervisor that wrote it.
  String session();

  record Begin(String session, AuditSession facts) implements LogLine {}

  /// A file that goes on where another has ended.
  ///
  /// @param previous the hash of the last line there
  record NextFile(String session, long number, String previous) implements LogLine {}

  record Call(String session, AuditRecord record) implements LogLine {}

  record Gap(String session, AuditGap gap) implements LogLine {}

  /// @param last the last number that was given to a record
  record End(String session, long last, Instant time) implements LogLine {}
}
