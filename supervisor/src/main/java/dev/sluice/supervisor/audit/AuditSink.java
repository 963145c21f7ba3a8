package dev.sluice.supervisor.audit;

/// Where records go. Never called by two threads at once, but for what any may ask: whoever opens
/// the log begins it, one thread writes, and whoever closes the log ends it when that has ended.
/// What a method throws is logged, and counts as the loss of that record.
public interface AuditSink extends AutoCloseable {
  /// The session that the records are of: called once, before any.
  default void begin(AuditSession session) {}

  /// Takes a record, which may be kept.
  void write(AuditRecord record);

  /// Says that records will not come.
  default void lost(AuditGap gap) {}

  /// How many records were given to [#write] and are lost, whatever for. Any thread may ask.
  default long lost() {
    return 0;
  }

  /// Whether the next record will not be lost. Asked where the policy would rather wait; a sink
  /// that can never write again has room.
  default boolean hasRoom() {
    return true;
  }

  /// What was written so far must be where it belongs when this returns, or be kept to be written
  /// later.
  default void flush() {}

  /// No more records come. Said to all before the first is closed, and does not wait: whoever has
  /// to wait for others begins to. Returns whether [#close] will wait for them.
  default boolean end() {
    return false;
  }

  /// Comes last, after [#end].
  @Override
  default void close() {}
}
