/// Audit logs that were written: read, verified, filtered, summed up.
package dev.sluice.supervisor.audit.log;
