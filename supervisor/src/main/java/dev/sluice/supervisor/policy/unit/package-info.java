/// The tests of a policy (`tests:`): calls that are described, and what is expected of them.
package dev.sluice.supervisor.policy.unit;
