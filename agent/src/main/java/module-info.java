import org.jspecify.annotations.NullMarked;

/// The `sluice` program.
@NullMarked
module dev.sluice.agent {
  requires ch.qos.logback.classic;
  requires ch.qos.logback.core;
  requires dev.sluice.supervisor;
  requires info.picocli;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.unix.common;
  requires io.prometheus.metrics.model;
  requires io.prometheus.writer.text;
  requires java.management;
  requires org.slf4j;
  requires org.xerial.sqlitejdbc;
  requires tools.jackson.core;
  requires static org.jspecify;

  // picocli sets the fields of the commands
  opens dev.sluice.agent to
      info.picocli;
  opens dev.sluice.agent.ask to
      info.picocli;
  opens dev.sluice.agent.learn to
      info.picocli;
  opens dev.sluice.agent.log to
      info.picocli;
  opens dev.sluice.agent.options to
      info.picocli;
  opens dev.sluice.agent.policy to
      info.picocli;
  opens dev.sluice.agent.run to
      info.picocli;
  opens dev.sluice.agent.serve to
      info.picocli;

  provides ch.qos.logback.classic.spi.Configurator with
      dev.sluice.agent.LogConfigurator;
}
