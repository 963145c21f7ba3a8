package dev.sluice.agent;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;

/// Logs to standard error, one line a message: text or, with `SLUICE_LOG_FORMAT=json`, an object.
/// In code, since reading logback.xml costs 100 ms of every start.
public final class LogConfigurator extends ContextAwareBase implements Configurator {
  private static final String FORMAT = "SLUICE_LOG_FORMAT";

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    String format = System.getenv().getOrDefault(FORMAT, "text");
    EncoderBase<ILoggingEvent> encoder = format.equals("json") ? json() : text(context);
    encoder.setContext(context);
    encoder.start();
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    root.setLevel(Level.toLevel(System.getenv("SLUICE_LOG"), Level.WARN));
    // says what it is told again and again; what follows from it, we say
    context.getLogger("org.apache.kafka").setLevel(Level.OFF);
    if (!format.equals("json") && !format.equals("text")) {
      root.warn("{} is 'text' or 'json', not '{}': it is text", FORMAT, format);
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static EncoderBase<ILoggingEvent> text(LoggerContext context) {
    var layout = new LogText();
    layout.setContext(context);
    layout.start();
    var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
    encoder.setLayout(layout);
    return encoder;
  }

  private static EncoderBase<ILoggingEvent> json() {
    var encoder = new JsonEncoder();
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithContext(false);
    encoder.setWithMDC(false);
    encoder.setWithMarkers(false);
    encoder.setWithKVPList(false);
    encoder.setWithArguments(false);
    encoder.setWithMessage(false);
    encoder.setWithFormattedMessage(true);
    return encoder;
  }
}
