/// A policy, written as all are.
package dev.sluice.supervisor.policy.format;
