/// Processes outside the JVM that make calls for targets, as them and where they are. A JVM cannot:
/// its threads are too many for setns(2), and it cannot be killed when a call does not come back.
package dev.sluice.supervisor.worker;
