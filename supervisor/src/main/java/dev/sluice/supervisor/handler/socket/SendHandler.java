package dev.sluice.supervisor.handler.socket;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Sockets;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Effect;
import dev.sluice.supervisor.target.SendRequest;
import dev.sluice.supervisor.target.Unfinished;
import java.util.Set;

/// sendto, sendmsg, sendmmsg: sends copies of what the caller has, from its own socket, to the
/// address that the decision was made on.
///
/// Of several messages (sendmmsg) those that follow to the same address are sent too, as far as
/// they can be without waiting; the caller sees how many, and calls again.
public final class SendHandler implements SyscallHandler {
  /// `UIO_MAXIOV`
  private static final int MAX_MESSAGES = 1024;

  private static final int SIZEOF_LENGTH = 4;

  @Override
  public String name() {
    return "send";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("sendto", "sendmsg", "sendmmsg");
  }

  @Override
  public Verdict handle(Call call, Context context) {
    boolean many = call.name().equals("sendmmsg");
    if (many && call.intArg(2) == 0) {
      return Verdict.Return.of(0);
    }
    if (call.unfinished().isPresent() && call.unfinished().get().effect() == Effect.MESSAGE) {
      Unfinished before = call.unfinished().get();
      call.forgetUnfinished();
      if (before.base() > 0 || before.isMade()) {
        return Verdict.Return.of(resumed(call, before));
      }
    }
    if ((flagsOf(call) & Sockets.MSG_ZEROCOPY) != 0) {
      // it would be told of a copy of ours; with this error programs copy (msg_zerocopy.rst)
      return Verdict.Fail.of(Errno.ENOBUFS.number());
    }
    int file = call.address().isFile() ? TargetSocket.pinned(call) : -1;
    int socket = TargetSocket.open(call);
    try {
      var transmission = new Transmission(call, socket, file, flagsOf(call));
      return Results.of(many ? sendMany(call, transmission) : transmission.send(true));
    } finally {
      TargetSocket.close(call, socket);
    }
  }

  /// How many messages somebody before us has sent, who ended when that was known.
  private static long resumed(Call call, Unfinished before) {
    boolean isSent =
        before.isMade() && report(call, (int) before.base(), (int) before.result()) > 0;
    return before.base() + (isSent ? 1 : 0);
  }

  static int flagsOf(Call call) {
    return call.name().equals("sendmsg") ? call.intArg(2) : call.intArg(3);
  }

  private static int sendMany(Call call, Transmission transmission) {
    int count =
        Integer.compareUnsigned(call.intArg(2), MAX_MESSAGES) < 0 ? call.intArg(2) : MAX_MESSAGES;
    int sent = sendNext(call, transmission, 0);
    // in a stream the next message may be sent by half
    int index = 1;
    while (sent == index && index < count && !transmission.isStream()) {
      sent = sendNext(call, transmission, index) < 0 ? index : index + 1;
      index++;
    }
    return sent;
  }

  /// Returns 1 if the message is sent, or -errno.
  private static int sendNext(Call call, Transmission transmission, int index) {
    try {
      if (index > 0 && !call.nextMessage(index)) {
        return -Errno.EAGAIN.number();
      }
      if (!transmission.isStream()) {
        call.progress().means(Effect.MESSAGE, index);
      }
      int sent = transmission.send(index == 0);
      return sent < 0 ? sent : report(call, index, sent);
    } catch (Abort abort) {
      if (index > 0 && abort == Abort.WOULD_BLOCK) {
        return -Errno.EAGAIN.number(); // those before it must not be sent again
      }
      if (index == 0 || abort.errno() == 0) {
        throw abort;
      }
      return -abort.errno();
    }
  }

  /// Tells the caller how much of a message was sent.
  private static int report(Call call, int index, int sent) {
    var length = NativeBytes.allocate(SIZEOF_LENGTH);
    length.putInt(0, sent);
    long address = SendRequest.lengthAddress(call, index);
    int written = call.memory().writeSome(address, length, 0, SIZEOF_LENGTH);
    return written == SIZEOF_LENGTH ? 1 : -Errno.EFAULT.number();
  }
}
