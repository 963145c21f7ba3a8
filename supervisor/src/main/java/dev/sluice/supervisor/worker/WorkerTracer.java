package dev.sluice.supervisor.worker;

import static dev.sluice.supervisor.worker.Batch.value;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Ptrace;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.target.Tracer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A worker that traces, as ourselves, for as long as nobody else uses it.
final class WorkerTracer implements Tracer {
  private static final int ANY = -1;
  private static final int GONE = -Errno.ESRCH.number();

  private final WorkerProcess worker;

  WorkerTracer(WorkerProcess worker) {
    this.worker = worker;
  }

  @Override
  public int request(int request, int tid, long data) {
    var batch = new Batch();
    batch.call("ptrace", value(request), value(tid), value(0), value(data));
    try {
      return worker.run(batch).last();
    } catch (SyscallException e) {
      return GONE;
    }
  }

  @Override
  public Stop await() {
    try {
      while (true) {
        var batch = new Batch();
        var status = batch.bytes(new byte[Integer.BYTES]);
        batch.call("wait4", value(ANY), status, value(Ptrace.WALL), value(0));
        WorkerProcess.Reply reply = worker.run(batch);
        if (reply.last() != -Errno.EINTR.number()) {
          var bytes = ByteBuffer.wrap(reply.blob()).order(ByteOrder.nativeOrder());
          return new Stop(reply.last(), bytes.getInt((int) status.value()));
        }
      }
    } catch (SyscallException e) {
      return new Stop(GONE, 0);
    }
  }
}
