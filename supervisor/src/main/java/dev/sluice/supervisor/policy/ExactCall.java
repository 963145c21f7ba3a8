package dev.sluice.supervisor.policy;

import java.util.List;

/// One call with these very registers: the only one of its kind that a filter lets pass whatever
/// the rules say.
///
/// @param args the first registers; those behind them do not matter
public record ExactCall(String name, List<Long> args) {}
