package dev.sluice.agent;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.audit.AuditSink;
import dev.sluice.supervisor.audit.JsonLines;
import dev.sluice.supervisor.audit.alert.AlertSink;
import dev.sluice.supervisor.audit.alert.JournalTarget;
import dev.sluice.supervisor.audit.alert.SyslogTarget;
import dev.sluice.supervisor.audit.alert.WebhookTarget;
import dev.sluice.supervisor.audit.store.SqliteLog;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.condition.PathAnchor;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/// Where records go.
final class AuditOptions {
  private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,8})([KMG])");
  private static final String STANDARD_OUTPUT = "-";
  private static final String SQLITE = "sqlite:";

  @Option(
      names = "--audit",
      paramLabel = "FILE",
      description = {
        "write a record of every decision to FILE as JSON lines; - is standard output, sqlite:FILE"
            + " a",
        "database that is added to. May be given more than once"
      })
  private List<String> places = List.of();

  @Option(
      names = "--audit-limit",
      paramLabel = "SIZE",
      description = {
        "go on in the FILE of --audit, and in another once it has this size, such as 64M: the full"
            + " one",
        "becomes FILE.000001"
      })
  private Optional<String> limit = Optional.empty();

  @Option(
      names = "--alert",
      paramLabel = "WHOM",
      description = {
        "tell of calls whose rule says 'audit: alert': journald:, syslog: (with a socket behind it,"
            + " if it",
        "is not where it usually is), or the http or https URL they are posted to. May be given"
            + " more than once"
      })
  private List<String> alerted = List.of();

  boolean isPresent() {
    return !places.isEmpty();
  }

  /// Opens them all.
  void open(Sluice.Builder builder) {
    OptionalLong size = limit.map(AuditOptions::size).orElseGet(OptionalLong::empty);
    if (size.isPresent() && places.stream().noneMatch(AuditOptions::isFile)) {
      throw new UsageException("--audit-limit is for the file of --audit");
    }
    List<AlertSink> alerts = alerted.stream().map(AuditOptions::alert).toList();
    for (String place : places) {
      builder.sink(open(place, size));
    }
    alerts.forEach(builder::sink);
  }

  private static AlertSink alert(String whom) {
    int colon = whom.indexOf(':');
    String socket = whom.substring(colon + 1);
    return new AlertSink(
        switch (whom.substring(0, Math.max(colon, 0))) {
          case "journald" -> new JournalTarget(socket.isEmpty() ? JournalTarget.USUAL : socket);
          case "syslog" -> new SyslogTarget(socket.isEmpty() ? SyslogTarget.USUAL : socket);
          case "http", "https" -> new WebhookTarget(url(whom));
          default ->
              throw new UsageException(
                  "--alert takes journald:, syslog: or a URL such as https://host/path, not '"
                      + whom
                      + "'");
        });
  }

  private static URI url(String text) {
    try {
      var url = new URI(text);
      if (url.getHost() != null) {
        return url;
      }
    } catch (URISyntaxException e) {
      throw new UsageException("--alert: '" + text + "' is no URL: " + e.getReason());
    }
    throw new UsageException("--alert: '" + text + "' is no URL: there is no host");
  }

  private static boolean isFile(String place) {
    return !place.equals(STANDARD_OUTPUT) && !place.startsWith(SQLITE);
  }

  private static OptionalLong size(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new UsageException("--audit-limit takes a size such as 64M, not '" + text + "'");
    }
    int shift =
        switch (matcher.group(2)) {
          case "K" -> 10;
          case "M" -> 20;
          default -> 30;
        };
    return OptionalLong.of(Long.parseLong(matcher.group(1)) << shift);
  }

  private static AuditSink open(String place, OptionalLong limit) {
    if (place.equals(STANDARD_OUTPUT)) {
      return new JsonLines(new FileOutputStream(FileDescriptor.out), false);
    }
    boolean database = place.startsWith(SQLITE);
    String file = database ? place.substring(SQLITE.length()) : place;
    try {
      Path path = PathAnchor.path(file);
      if (database) {
        return SqliteLog.open(path);
      }
      return limit.isPresent() ? JsonLines.rotating(path, limit.getAsLong()) : JsonLines.file(path);
    } catch (IOException e) {
      throw new UsageException(
          "--audit: \"" + file + "\" cannot be written: " + FileErrors.reason(e));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--audit: " + e.getMessage());
    }
  }
}
