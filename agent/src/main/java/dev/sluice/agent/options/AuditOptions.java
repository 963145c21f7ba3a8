package dev.sluice.agent.options;

import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.SluiceBuilder;
import dev.sluice.supervisor.audit.AuditSink;
import dev.sluice.supervisor.audit.JsonLines;
import dev.sluice.supervisor.audit.notice.JournalTarget;
import dev.sluice.supervisor.audit.notice.NoticeSink;
import dev.sluice.supervisor.audit.notice.NoticeSink.Scope;
import dev.sluice.supervisor.audit.notice.NoticeTarget;
import dev.sluice.supervisor.audit.notice.NoticeTargetProvider;
import dev.sluice.supervisor.audit.notice.OtlpTarget;
import dev.sluice.supervisor.audit.notice.SyslogTarget;
import dev.sluice.supervisor.audit.notice.WebhookTarget;
import dev.sluice.supervisor.audit.store.SqliteLog;
import dev.sluice.supervisor.handler.PlugIns;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.condition.PathAnchor;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/// Where records go.
public final class AuditOptions {
  private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,8})([KMG])");
  private static final String STANDARD_OUTPUT = "-";
  private static final String SQLITE = "sqlite:";
  private static final String OTLP = "otlp:";
  private static final String KAFKA = "kafka";

  /// What a JVM has in the place of bytes that are not UTF-8, so that it names another file.
  private static final char REPLACEMENT = '\uFFFD';

  private static final int MAX_PORT = 65_535;
  private static final Set<String> HTTP = Set.of("http", "https");

  /// What the specification of OpenTelemetry calls the header lines for collectors.
  private static final String OTLP_HEADERS = "OTEL_EXPORTER_OTLP_HEADERS";

  @Option(
      names = "--audit",
      paramLabel = "FILE",
      description =
          "write a record of every decision to FILE as JSON lines: 'run' begins it anew, 'agent'"
              + " adds to it; - is standard output, sqlite:FILE a database that is added to,"
              + " otlp:URL a collector of OpenTelemetry, kafka:HOST:PORT/TOPIC a topic, with its"
              + " plug-in. May be given more than once")
  private List<String> places = List.of();

  @Option(
      names = "--audit-limit",
      paramLabel = "SIZE",
      description =
          "add to the FILE of --audit until it has this size, such as 64M; then it is renamed to"
              + " FILE.000001 (the next to FILE.000002), and a new one takes its place")
  private Optional<String> limit = Optional.empty();

  @Option(
      names = "--alert",
      paramLabel = "WHOM",
      description =
          "tell of calls whose rule says 'audit: alert': journald:, syslog: (with a socket behind"
              + " it, if it is not where it usually is), or the http or https URL they are posted"
              + " to. May be given more than once")
  private List<String> alerted = List.of();

  boolean isPresent() {
    return !places.isEmpty();
  }

  /// What a file has that is there already.
  public enum Earlier {
    /// It begins anew.
    GOES,
    /// Another session stands behind it.
    STAYS
  }

  /// Opens them all.
  ///
  /// @param plugIns a directory of jars that bring others
  void open(SluiceBuilder builder, Optional<Path> plugIns, Earlier earlier) {
    OptionalLong size = limit.map(AuditOptions::size).orElseGet(OptionalLong::empty);
    if (size.isPresent() && places.stream().noneMatch(AuditOptions::isFile)) {
      throw new UsageException("--audit-limit is for the file of --audit");
    }
    List<NoticeSink> alerts = alerted.stream().map(AuditOptions::alert).toList();
    for (String place : places) {
      Optional<NoticeTarget> other = other(place, plugIns);
      builder.sink(
          other.isPresent()
              ? new NoticeSink(other.get(), Scope.EVERYTHING)
              : open(place, size, earlier));
    }
    alerts.forEach(builder::sink);
  }

  /// Who comes with a plug-in.
  private static Optional<NoticeTarget> other(String place, Optional<Path> plugIns) {
    String scheme = place.substring(0, Math.max(place.indexOf(':'), 0));
    try {
      for (NoticeTargetProvider each :
          plugIns
              .map(directory -> PlugIns.in(directory).all(NoticeTargetProvider.class))
              .orElse(List.of())) {
        if (each.scheme().equals(scheme)) {
          return Optional.of(each.open(place.substring(scheme.length() + 1)));
        }
      }
    } catch (IllegalArgumentException e) {
      throw new UsageException("--audit: " + e.getMessage());
    }
    if (scheme.equals(KAFKA)) {
      throw new UsageException("--audit: kafka: is a plug-in: name its directory with --plugins");
    }
    return Optional.empty();
  }

  private static NoticeSink alert(String whom) {
    int colon = whom.indexOf(':');
    String socket = whom.substring(colon + 1);
    return new NoticeSink(
        switch (whom.substring(0, Math.max(colon, 0))) {
          case "journald" -> new JournalTarget(socket.isEmpty() ? JournalTarget.USUAL : socket);
          case "syslog" -> new SyslogTarget(socket.isEmpty() ? SyslogTarget.USUAL : socket);
          case "http", "https" -> new WebhookTarget(url("--alert", whom));
          default ->
              throw new UsageException(
                  "--alert takes journald:, syslog: or a URL such as https://host/path, not '"
                      + whom
                      + "'");
        },
        Scope.ALERTS);
  }

  private static URI url(String option, String text) {
    try {
      var url = new URI(text);
      if (url.getHost() != null && HTTP.contains(url.getScheme()) && url.getPort() <= MAX_PORT) {
        return url;
      }
    } catch (URISyntaxException e) {
      throw new UsageException(option + ": '" + text + "' is no URL: " + e.getReason());
    }
    throw new UsageException(option + ": '" + text + "' is no URL such as https://host/path");
  }

  private static boolean isFile(String place) {
    return !place.equals(STANDARD_OUTPUT)
        && !place.startsWith(SQLITE)
        && !place.startsWith(OTLP)
        && !place.startsWith(KAFKA + ":");
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

  private static AuditSink open(String place, OptionalLong limit, Earlier earlier) {
    if (place.equals(STANDARD_OUTPUT)) {
      return new JsonLines(new FileOutputStream(FileDescriptor.out), false);
    }
    if (place.startsWith(OTLP)) {
      return new NoticeSink(collector(place.substring(OTLP.length())), Scope.EVERYTHING);
    }
    boolean database = place.startsWith(SQLITE);
    String file = database ? place.substring(SQLITE.length()) : place;
    if (file.indexOf(REPLACEMENT) >= 0) {
      throw new UsageException("--audit: \"" + file + "\": this name is not UTF-8");
    }
    try {
      Path path = PathAnchor.path(file);
      if (database) {
        return SqliteLog.open(path);
      }
      if (limit.isPresent()) {
        return JsonLines.rotating(path, limit.getAsLong());
      }
      return earlier == Earlier.STAYS ? JsonLines.appending(path) : JsonLines.file(path);
    } catch (IOException e) {
      throw new UsageException(
          "--audit: \"" + file + "\" cannot be written: " + FileErrors.reason(e));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--audit: " + e.getMessage());
    }
  }

  private static OtlpTarget collector(String text) {
    URI url = url("--audit", text);
    String path = String.valueOf(url.getPath());
    boolean base = path.isEmpty() || path.equals("/");
    try {
      return new OtlpTarget(base ? url.resolve("/v1/logs") : url, headers());
    } catch (IllegalArgumentException e) {
      throw new UsageException(OTLP_HEADERS + ": " + e.getMessage());
    }
  }

  /// `NAME=VALUE,NAME=VALUE`
  private static Map<String, String> headers() {
    var headers = new LinkedHashMap<String, String>();
    for (String each : System.getenv().getOrDefault(OTLP_HEADERS, "").split(",", -1)) {
      String[] header = each.split("=", 2);
      if (header.length == 2) {
        headers.put(header[0].strip(), decode(header[1].strip()));
      } else if (!each.isBlank()) {
        throw new UsageException(OTLP_HEADERS + " takes NAME=VALUE,..., not '" + each + "'");
      }
    }
    return headers;
  }

  private static String decode(String value) {
    try {
      return URLDecoder.decode(value, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new UsageException(OTLP_HEADERS + ": '" + value + "' is not percent-encoded");
    }
  }
}
