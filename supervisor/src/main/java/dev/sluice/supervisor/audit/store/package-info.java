/// Audit logs in SQLite. Needs `org.xerial:sqlite-jdbc`, which the library does not bring along.
package dev.sluice.supervisor.audit.store;
