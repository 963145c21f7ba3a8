package dev.sluice.supervisor.target;

import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.syscall.PathParameter.Last;
import org.jspecify.annotations.Nullable;

/// The socket address of connect, bind, sendto, sendmsg or sendmmsg: a copy, made once, of where
/// the registers of the call say that it is, and what its path leads to, if it has one.
final class AddressArgument {
  /// How the path of an address is resolved: by connect(2) and sends, and by bind(2).
  private static final PathParameter TO_REACH =
      new PathParameter("address.path", -1, -1, Last.FOLLOW, -1);

  /// A path that is none of the call's own.
  static final PathParameter SOMEWHERE =
      new PathParameter("path", -1, -1, PathParameter.Last.FOLLOW, -1);

  private static final PathParameter TO_MAKE =
      new PathParameter("address.path", -1, -1, Last.NAME, -1);

  private final Call call;
  private final SocketAddress address = new SocketAddress();
  private final SendRequest send = new SendRequest();
  private @Nullable PathArgument file;
  private boolean read;

  AddressArgument(Call call) {
    this.call = call;
  }

  void begin() {
    read = false;
  }

  /// Looks for what the path leads to once more.
  void unpin() {
    if (file != null) {
      file.unpin();
    }
  }

  /// Closes what the path leads to; what is known of it stays.
  void close() {
    if (file != null) {
      file.close();
    }
  }

  /// Lets go of what the path leads to.
  void clear() {
    if (file != null) {
      file.clear();
    }
  }

  /// What stands there without having been copied.
  void set(byte[] sockaddr, SocketAddress.Use use) {
    address.set(sockaddr, use);
    read = true;
  }

  /// Whether there is a copy.
  boolean isRead() {
    return read;
  }

  /// What its path leads to, as far as somebody has asked.
  @Nullable PathArgument knownFile() {
    return file;
  }

  SocketAddress get() {
    if (!read) {
      switch (call.name()) {
        case "connect" -> read(SocketAddress.Use.CONNECT);
        case "bind" -> read(SocketAddress.Use.BIND);
        case "sendto", "sendmsg", "sendmmsg" -> readMessage();
        default -> throw new IllegalStateException(call.name() + " has no address");
      }
      read = true;
    }
    return address;
  }

  private void read(SocketAddress.Use use) {
    address.read(call, call.arg(1), call.intArg(2), use);
  }

  private void readMessage() {
    if (call.name().equals("sendmmsg") && call.intArg(2) == 0) {
      address.clear(); // there is no message, so the kernel looks at none
    } else {
      send.read(call, 0);
      address.read(call, send.name(), send.nameLength(), SocketAddress.Use.SEND);
    }
  }

  /// What the path leads to; where it is to be made, for bind(2).
  PathArgument file() {
    return file(get().path(), call.name().equals("bind") ? TO_MAKE : TO_REACH);
  }

  /// The same for a path that stands elsewhere: a call has one or the other.
  PathArgument file(Text path, PathParameter parameter) {
    PathArgument found = file;
    if (found == null) {
      found = new PathArgument();
      file = found;
    }
    if (found.state == PathArgument.State.EMPTY) {
      found.rawLength = path.length();
      found.raw.put(0, path.array(), 0, path.length());
      found.raw.putByte(path.length(), (byte) 0);
      found.state = PathArgument.State.COPIED;
    }
    if (found.state == PathArgument.State.COPIED) {
      PathResolver.resolve(call, found, parameter);
    }
    return found;
  }

  /// The message that the address is of, for sends.
  SendRequest message() {
    get();
    return send;
  }

  /// Goes on to the `index`th message of sendmmsg, if it has the same address as the one before: it
  /// was decided by that. Returns whether it has.
  boolean nextMessage(int index) {
    send.read(call, index);
    if (send.nameLength() != address.length()) {
      return false;
    }
    if (send.nameLength() == 0) {
      return true;
    }
    var next = new SocketAddress();
    next.read(call, send.name(), send.nameLength(), SocketAddress.Use.SEND);
    return next.isSame(address);
  }
}
