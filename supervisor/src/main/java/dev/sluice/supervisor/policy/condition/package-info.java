/// What a rule's `when` means: parsed and checked as CEL, then a tree of tests that is evaluated
/// over a call without allocating, and whose tests of registers a filter can make too.
package dev.sluice.supervisor.policy.condition;
