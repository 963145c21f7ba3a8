/// Who is told of records as they are made: of alerts syslog, the journal and whoever listens at a
/// URL; of all of them a collector of OpenTelemetry.
package dev.sluice.supervisor.audit.notice;
