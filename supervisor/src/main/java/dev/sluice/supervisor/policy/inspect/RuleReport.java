package dev.sluice.supervisor.policy.inspect;

import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.SafetyClass;
import java.util.Map;
import java.util.SortedSet;

/// How a rule decides: the class of its decisions, and for which calls. No class for a rule that
/// decides nothing.
///
/// @param action the word for it, such as `deny`
public record RuleReport(
    String name, Location location, String action, Map<SafetyClass, SortedSet<String>> classes) {}
