/// What a policy makes of a call that is only described, and why. Nothing here needs a kernel.
package dev.sluice.supervisor.policy.explain;
