import org.jspecify.annotations.NullMarked;

/// The `sluice` program.
@NullMarked
module dev.sluice.agent {
  requires ch.qos.logback.classic;
  requires ch.qos.logback.core;
  requires dev.sluice.supervisor;
  requires info.picocli;
  requires org.slf4j;
  requires org.xerial.sqlitejdbc;
  requires tools.jackson.core;
  requires static org.jspecify;

  // picocli sets the fields of the commands
  opens dev.sluice.agent to
      info.picocli;

  provides ch.qos.logback.classic.spi.Configurator with
      dev.sluice.agent.LogConfigurator;
}
