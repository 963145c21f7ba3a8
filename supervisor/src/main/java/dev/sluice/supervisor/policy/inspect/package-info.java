/// What a policy will do, said before it does it: which rules are reached, what they leave open,
/// and the filter it becomes. Nothing here needs a kernel.
package dev.sluice.supervisor.policy.inspect;
