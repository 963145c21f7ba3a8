/// The policy language: read, check, compile into a filter for the kernel and a decision table for
/// the supervisor.
package dev.sluice.supervisor.policy;
