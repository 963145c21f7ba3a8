/// What a policy will do, said before it does it: explains calls that are only described, tests,
/// compares and checks policies. Nothing here needs a kernel.
package dev.sluice.supervisor.policy.inspect;
