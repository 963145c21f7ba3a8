/// Records of decisions: copied into a ring on the thread that decided, written elsewhere.
package dev.sluice.supervisor.audit;
