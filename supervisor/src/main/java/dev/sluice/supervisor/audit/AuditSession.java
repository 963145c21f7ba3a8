package dev.sluice.supervisor.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;

/// What the records of one supervisor have in common.
///
/// @param id unlike that of any other
/// @param monotonicNanos CLOCK_MONOTONIC at `started`
/// @param pid the supervisor's
/// @param host the name of the machine
/// @param cgroup the supervisor's, as in `/proc/self/cgroup`
public record AuditSession(
    String id, Instant started, long monotonicNanos, long pid, String host, String cgroup) {

  /// One that begins now.
  public static AuditSession begin() {
    return new AuditSession(
        UUID.randomUUID().toString().toLowerCase(Locale.ROOT),
        Instant.now(),
        System.nanoTime(),
        ProcessHandle.current().pid(),
        firstLine("/proc/sys/kernel/hostname"),
        firstLine("/proc/self/cgroup"));
  }

  private static String firstLine(String file) {
    try {
      return Files.readString(Path.of(file)).lines().findFirst().orElse("");
    } catch (IOException e) {
      return ""; // a container may hide it
    }
  }
}
