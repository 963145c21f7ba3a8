package dev.sluice.agent.lxc;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.SeccompAnswer;
import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.kernel.UnixSocket;
import java.nio.charset.StandardCharsets;

/// What LXC's monitor says with each call, `struct seccomp_notify_proxy_msg`; `struct
/// seccomp_notif`, `struct seccomp_notif_resp` and the cookie stand behind it.
///
/// @param monitor the monitor
/// @param init the first process of its container
/// @param cookie `lxc.seccomp.notify.cookie`; empty if there is none
record ProxyMessage(int monitor, int init, String cookie) {
  private static final int RESERVED = 0;
  private static final int MONITOR_PID = 8;
  private static final int INIT_PID = 12;
  private static final int NOTIF_SIZE = 16;
  private static final int RESP_SIZE = 18;
  private static final int COOKIE_LENGTH = 24;

  /// Where the call is.
  static final int NOTIF = 32;

  /// Where its answer is to be.
  static final int RESP = NOTIF + (int) SeccompNotif.SIZE;

  /// What is sent back: all but the cookie.
  static final int SIZE = RESP + (int) SeccompAnswer.RESPONSE_SIZE;

  /// It is to be a policy's name.
  static final int MAX_COOKIE = 255;

  /// Reads a packet of `size` bytes. Throws [IllegalArgumentException] saying what is wrong.
  static ProxyMessage read(NativeBytes packet, int size, UnixSocket.Peer peer) {
    if (size < SIZE || size > packet.size()) {
      throw new IllegalArgumentException(
          "it has %d bytes, not %d and up to %d of a cookie".formatted(size, SIZE, MAX_COOKIE));
    }
    if (packet.getLong(RESERVED) != 0) {
      throw new IllegalArgumentException(
          "what is reserved in it is 0x" + Long.toHexString(packet.getLong(RESERVED)) + ", not 0");
    }
    int notif = Short.toUnsignedInt(packet.getShort(NOTIF_SIZE));
    int resp = Short.toUnsignedInt(packet.getShort(RESP_SIZE));
    if (notif != SeccompNotif.SIZE || resp != SeccompAnswer.RESPONSE_SIZE) {
      throw new IllegalArgumentException(
          "its structures have %d and %d bytes, not %d and %d"
              .formatted(notif, resp, SeccompNotif.SIZE, SeccompAnswer.RESPONSE_SIZE));
    }
    long length = packet.getLong(COOKIE_LENGTH);
    if (length != size - SIZE) {
      throw new IllegalArgumentException(
          "its cookie has %d bytes, and it says %s"
              .formatted(size - SIZE, Long.toUnsignedString(length)));
    }
    if (packet.getInt(MONITOR_PID) != peer.pid()) {
      throw new IllegalArgumentException(
          "it is from monitor %d, which is another process here: it is in another pid namespace"
              .formatted(packet.getInt(MONITOR_PID)));
    }
    var cookie = new byte[size - SIZE];
    packet.get(SIZE, cookie, 0, cookie.length);
    return new ProxyMessage(
        peer.pid(), packet.getInt(INIT_PID), new String(cookie, StandardCharsets.UTF_8));
  }
}
