package dev.sluice.supervisor.policy;

import java.util.List;

/// One call with these very registers: the only one of its kind that a filter lets pass whatever
/// the rules say.
///
/// @param first the number of the first of the registers, 0 to 5; the others do not matter
public record ExactCall(String name, int first, List<Long> registers) {}
