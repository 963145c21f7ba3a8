package dev.sluice.supervisor.audit.log;

import dev.sluice.supervisor.audit.Address;
import dev.sluice.supervisor.audit.AuditGap;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditRecord.NamedFile;
import dev.sluice.supervisor.audit.AuditRecord.Outcome;
import dev.sluice.supervisor.audit.AuditRecord.PolicyName;
import dev.sluice.supervisor.audit.AuditRecord.Shadow;
import dev.sluice.supervisor.audit.AuditSession;
import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.audit.Caller;
import dev.sluice.supervisor.audit.ContainerName;
import dev.sluice.supervisor.policy.SafetyClass;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Reads lines of an audit log back into what they were written from.
public final class LineReader {
  private static final long SCHEMA = 1;

  /// What a call may have arguments in.
  private static final int REGISTERS = 6;

  private LineReader() {}

  /// @throws IllegalArgumentException saying what is wrong with the line
  public static LogLine read(String line) {
    try {
      return parse(line);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(ByteText.harmless(String.valueOf(e.getMessage())), e);
    }
  }

  private static LogLine parse(String line) {
    var members = new Members(JsonText.object(line));
    String session = members.string("session");
    return switch (members.string("type")) {
      case "session" -> new LogLine.Begin(session, session(session, members));
      case "file" -> {
        checkSchema(members);
        yield new LogLine.NextFile(session, members.number("number"), members.string("previous"));
      }
      case "call" -> new LogLine.Call(session, record(members));
      case "gap" ->
          new LogLine.Gap(
              session,
              new AuditGap(
                  members.number("from"),
                  members.number("to"),
                  members.number("lost"),
                  members.time("time"),
                  members.string("reason")));
      case "end" -> new LogLine.End(session, members.number("last"), members.time("time"));
      case String other -> throw new IllegalArgumentException("there is no type '" + other + "'");
    };
  }

  private static void checkSchema(Members members) {
    if (members.number("schema") != SCHEMA) {
      throw new IllegalArgumentException(
          "schema " + members.number("schema") + "; this version reads " + SCHEMA);
    }
  }

  private static AuditSession session(String id, Members members) {
    checkSchema(members);
    return new AuditSession(
        id,
        members.time("time"),
        members.number("mono_ns"),
        members.number("pid"),
        members.string("host"),
        members.string("cgroup"));
  }

  private static AuditRecord record(Members members) {
    String arch = members.string("arch");
    String syscall = members.string("syscall");
    return new AuditRecord(
        members.number("seq"),
        members.time("time"),
        members.number("mono_ns"),
        new PolicyName(
            members.string("policy"), members.string("digest"), (int) members.number("epoch")),
        caller(members),
        arch,
        syscall,
        args(members),
        ArgumentReader.read(arch, syscall, members.object("arguments")),
        files(members),
        members.has("address") ? Optional.of(address(members.object("address"))) : Optional.empty(),
        members.optional("rule"),
        members.string("action"),
        constant(Outcome.class, members.string("outcome").toUpperCase(Locale.ROOT)),
        members.optional("errno"),
        members.has("value") ? Optional.of(members.number("value")) : Optional.empty(),
        constant(SafetyClass.class, members.string("class")),
        members.truth("alert"),
        members.number("latency_ns"),
        members.has("shadow") ? Optional.of(shadow(members.object("shadow"))) : Optional.empty());
  }

  private static List<Long> args(Members members) {
    var args = members.list("args").stream().map(arg -> Members.parseHex("args", arg)).toList();
    if (args.size() != REGISTERS) {
      throw new IllegalArgumentException("'args' are not " + REGISTERS);
    }
    return args;
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String name) {
    try {
      return Enum.valueOf(type, name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + name.toLowerCase(Locale.ROOT) + "' is unknown", e);
    }
  }

  private static Caller caller(Members members) {
    Optional<Caller.Known> task = Optional.empty();
    if (members.has("pid")) {
      task =
          Optional.of(
              new Caller.Known(
                  (int) members.number("pid"),
                  (int) members.number("ppid"),
                  members.number("uid"),
                  members.number("gid"),
                  members.hex("caps"),
                  members.text("comm"),
                  optionalText("exe", members),
                  optionalText("cgroup", members)));
    }
    return new Caller(
        (int) members.number("tid"),
        members.optional("container").map(id -> container(id, members)),
        task);
  }

  private static Optional<ByteText> optionalText(String name, Members members) {
    return members.has(name) ? Optional.of(members.text(name)) : Optional.empty();
  }

  private static ContainerName container(String id, Members members) {
    return new ContainerName(
        id,
        members.optional("namespace").orElse(""),
        members.optional("pod").orElse(""),
        members.optional("container_name").orElse(""),
        members.optional("image").orElse(""));
  }

  private static List<NamedFile> files(Members members) {
    var files = new ArrayList<NamedFile>();
    for (String name : List.of("path", "path2")) {
      if (members.has(name)) {
        files.add(new NamedFile(members.text(name), members.truth(name + "_resolved")));
      }
    }
    return List.copyOf(files);
  }

  private static Shadow shadow(Members members) {
    return new Shadow(
        members.string("policy"), members.optional("verdict"), members.optional("open"));
  }

  private static Address address(Members members) {
    return new Address(
        members.string("family"),
        members.optional("ip").orElse(""),
        members.has("port") ? members.number("port") : -1,
        members.has("path") ? Optional.of(members.text("path")) : Optional.empty(),
        members.truth("path_resolved"),
        new ByteText(HexFormat.of().parseHex(members.string("raw"))));
  }
}
