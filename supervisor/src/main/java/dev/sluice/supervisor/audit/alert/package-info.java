/// Who is told of calls whose rule says `audit: alert`: syslog, the journal, whoever listens at a
/// URL.
package dev.sluice.supervisor.audit.alert;
