import org.jspecify.annotations.NullMarked;

/// Supervises processes through seccomp user notifications.
@NullMarked
@SuppressWarnings("module") // dev.sluice.agent is built after this
module dev.sluice.supervisor {
  requires com.lmax.disruptor;
  requires dev.sluice.cel;
  requires io.netty.common;
  requires io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.unix.common;
  requires java.net.http;
  requires org.slf4j;
  requires org.snakeyaml.engine;
  requires tools.jackson.core;
  requires static java.sql;
  requires static org.xerial.sqlitejdbc;
  requires static transitive org.jspecify;

  exports dev.sluice.supervisor;
  exports dev.sluice.supervisor.audit;
  exports dev.sluice.supervisor.audit.notice;
  exports dev.sluice.supervisor.audit.learn;
  exports dev.sluice.supervisor.audit.log;
  exports dev.sluice.supervisor.audit.store;
  exports dev.sluice.supervisor.bpf;
  exports dev.sluice.supervisor.handler;
  exports dev.sluice.supervisor.kernel;
  exports dev.sluice.supervisor.policy;
  exports dev.sluice.supervisor.policy.choice;
  exports dev.sluice.supervisor.policy.condition;
  exports dev.sluice.supervisor.policy.diff;
  exports dev.sluice.supervisor.policy.explain;
  exports dev.sluice.supervisor.policy.format;
  exports dev.sluice.supervisor.policy.inspect;
  exports dev.sluice.supervisor.policy.oci;
  exports dev.sluice.supervisor.policy.unit;
  exports dev.sluice.supervisor.syscall;
  exports dev.sluice.supervisor.target;
  // how calls are received and performed may change at any time
  exports dev.sluice.supervisor.launch to
      dev.sluice.agent;
  exports dev.sluice.supervisor.listener to
      dev.sluice.agent;
  exports dev.sluice.supervisor.metrics to
      dev.sluice.agent;

  uses dev.sluice.supervisor.audit.notice.NoticeTargetProvider;
  uses dev.sluice.supervisor.handler.SyscallHandler;

  provides dev.sluice.supervisor.handler.SyscallHandler with
      dev.sluice.supervisor.container.BpfHandler,
      dev.sluice.supervisor.container.DeviceHandler,
      dev.sluice.supervisor.container.ImageMountHandler,
      dev.sluice.supervisor.container.SysinfoHandler,
      dev.sluice.supervisor.container.SchedulerHandler,
      dev.sluice.supervisor.container.TrustedXattrHandler,
      dev.sluice.supervisor.handler.socket.BindHandler,
      dev.sluice.supervisor.handler.socket.ConnectHandler,
      dev.sluice.supervisor.handler.modify.LinkHandler,
      dev.sluice.supervisor.handler.open.OpenHandler,
      dev.sluice.supervisor.handler.open.ReadOnlyHandler,
      dev.sluice.supervisor.handler.open.RedirectHandler,
      dev.sluice.supervisor.handler.modify.RenameHandler,
      dev.sluice.supervisor.handler.socket.SendHandler;
}
