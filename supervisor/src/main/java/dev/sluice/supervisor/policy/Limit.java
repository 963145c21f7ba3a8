package dev.sluice.supervisor.policy;

/// How often the calls of a rule may take place, all of them together.
///
/// @param rate as it stands in the policy, such as `10/s`
/// @param intervalNanos from one call to the next, if they are made again and again
/// @param burst how many may be made at once after a rest
/// @param otherwise the errno of those that are too many
public record Limit(String rate, long intervalNanos, int burst, int otherwise) {}
