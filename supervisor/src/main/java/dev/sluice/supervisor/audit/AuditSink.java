package dev.sluice.supervisor.audit;

/// Where records go. Called by one thread.
public interface AuditSink extends AutoCloseable {
  void write(AuditRecord record);

  /// What was written so far must be where it belongs when this returns.
  default void flush() {}

  @Override
  default void close() {}
}
