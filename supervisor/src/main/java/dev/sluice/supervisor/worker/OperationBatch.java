package dev.sluice.supervisor.worker;

import static dev.sluice.supervisor.worker.Batch.value;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.target.FileSizeLimit;
import dev.sluice.supervisor.target.Operation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// An [Operation] as a batch. What it points to travels there, and what it writes comes back.
final class OperationBatch {
  /// Ours, and so that of a worker.
  private static final FileSizeLimit OWN_FILE_SIZE = FileSizeLimit.ofSelf();

  /// sys/resource.h
  private static final int RLIMIT_FSIZE = 1;

  private final Operation operation;
  private final Batch batch;
  private final Batch.Argument[] arguments;

  /// Copies of what members point to; of the other members, nothing that matters.
  private final List<Batch.Argument> copies;

  /// @param batch of nothing yet
  OperationBatch(Operation operation, Batch batch) {
    this(operation, batch, false);
  }

  /// The same for one whose result is a descriptor that we want.
  ///
  /// @param batch of nothing yet
  static OperationBatch opening(Operation operation, Batch batch) {
    return new OperationBatch(operation, batch, true);
  }

  private OperationBatch(Operation operation, Batch batch, boolean opens) {
    this.operation = operation;
    this.batch = batch;
    if (operation.umask() != Operation.NO_UMASK) {
      batch.call("umask", value(operation.umask()));
    }
    if (operation.directory() != Operation.NO_DIRECTORY) {
      batch.call("fchdir", batch.fd(operation.directory()));
    }
    arguments = new Batch.Argument[operation.count()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = argument(i);
    }
    copies = new ArrayList<>();
    operation.members().forEach(member -> copies.add(store(member)));
    if (operation.isLimited()) {
      batch.call("prlimit64", fileSize(operation.fileSize()));
    }
    if (opens) {
      batch.send(operation.nr(), arguments);
    } else {
      batch.call(operation.nr(), arguments);
    }
    if (operation.isLimited()) {
      batch.afterwards("prlimit64", fileSize(OWN_FILE_SIZE.soft()));
    }
  }

  Batch calls() {
    return batch;
  }

  /// Copies what was written to the buffers of the operation; returns its result, or -errno.
  long finish(WorkerProcess.Reply reply) {
    for (int i = 0; i < arguments.length; i++) {
      int size = (int) operation.number(i);
      if (operation.kind(i) == Operation.Kind.OUTPUT && size > 0) {
        operation.memory(i).put(0, reply.blob(), (int) arguments[i].value(), size);
      }
    }
    for (int i = 0; i < copies.size(); i++) {
      Operation.Member member = operation.members().get(i);
      int from = (int) copies.get(i).value();
      member.memory().ifPresent(to -> to.put(0, reply.blob(), from, member.number()));
    }
    return reply.results()[reply.results().length - 1];
  }

  private Batch.Argument store(Operation.Member member) {
    var place = Batch.at(arguments[member.argument()], member.place());
    if (member.memory().isEmpty()) {
      var descriptor = batch.fd(member.number());
      batch.store(place, descriptor, Integer.BYTES);
      return descriptor;
    }
    var copy = batch.bytes(bytes(member.memory().get(), member.number()));
    batch.store(place, copy, Long.BYTES);
    return copy;
  }

  private Batch.Argument argument(int index) {
    long number = operation.number(index);
    return switch (operation.kind(index)) {
      case VALUE -> value(number);
      case DESCRIPTOR -> batch.fd((int) number);
      case INPUT, OUTPUT ->
          number == 0 ? value(0) : batch.bytes(bytes(operation.memory(index), (int) number));
      case PATH_OF -> {
        int place = WorkerSyscalls.PLACE;
        batch.open("dup3", batch.fd((int) number), value(place), value(OpenFlags.O_CLOEXEC));
        batch.call("fchdir", batch.fd(WorkerSyscalls.PROC));
        yield batch.string("self/fd/" + place);
      }
    };
  }

  private static byte[] bytes(NativeBytes from, int count) {
    var bytes = new byte[count];
    from.get(0, bytes, 0, count);
    return bytes;
  }

  /// RLIMIT_FSIZE, of which only the soft limit counts. The hard one stays what it is, as a worker
  /// serves many targets; whoever has more than that is privileged to, and so is its worker.
  private Batch.Argument[] fileSize(long soft) {
    long own = OWN_FILE_SIZE.hard();
    var limit = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.nativeOrder());
    limit.putLong(soft).putLong(Long.compareUnsigned(soft, own) > 0 ? soft : own);
    return new Batch.Argument[] {
      value(0), value(RLIMIT_FSIZE), batch.bytes(limit.array()), value(0)
    };
  }
}
