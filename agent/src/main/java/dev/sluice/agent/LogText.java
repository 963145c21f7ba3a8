package dev.sluice.agent;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.sluice.supervisor.audit.ByteText;
import java.util.stream.Collectors;

/// A message as a line for people. Others choose parts of it, such as what a client says of itself:
/// none makes a terminal obey, or looks like a line of ours.
final class LogText extends PatternLayout {
  LogText() {
    setPattern("sluice: %msg%n%ex{short}");
    getInstanceConverterMap().put("msg", Message::new);
    getInstanceConverterMap().put("ex", Trace::new);
  }

  private static final class Message extends MessageConverter {
    @Override
    public String convert(ILoggingEvent event) {
      return ByteText.harmless(super.convert(event));
    }
  }

  private static final class Trace extends ThrowableProxyConverter {
    private static final String INDENT = "\t";

    @Override
    public String convert(ILoggingEvent event) {
      return super.convert(event).lines().map(Trace::harmless).collect(Collectors.joining());
    }

    /// An exception's message may have several lines.
    private static String harmless(String line) {
      String rest = line.startsWith(INDENT) ? line.substring(INDENT.length()) : line;
      return INDENT + ByteText.harmless(rest) + System.lineSeparator();
    }
  }
}
