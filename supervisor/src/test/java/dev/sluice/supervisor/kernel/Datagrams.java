package dev.sluice.supervisor.kernel;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Whoever receives datagrams at a Unix socket, as syslog and the journal do.
public final class Datagrams implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;

  private final int fd;
  private final NativeBytes room = NativeBytes.allocate(1 << 18);

  public Datagrams(Path path) {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    var address = NativeBytes.allocate(2 + name.length + 1);
    address.putShort(0, (short) AF_UNIX);
    address.put(2, name, 0, name.length);
    fd =
        SyscallException.checkInt(
            CLibrary.syscall(SyscallNumber.SOCKET, AF_UNIX, SOCK_DGRAM, 0), "socket", "AF_UNIX");
    long rc = CLibrary.syscall(SyscallNumber.BIND, fd, address.address(), address.size());
    SyscallException.check(CLibrary.keep(rc, address), "bind", path.toString());
  }

  /// The next one; waits a minute for it.
  public String next() {
    return receive(Duration.ofSeconds(60)).orElseThrow(() -> new AssertionError("nothing came"));
  }

  /// The next one, if it is there.
  public Optional<String> poll() {
    return receive(Duration.ZERO);
  }

  private Optional<String> receive(Duration time) {
    int size = UnixSocket.receiveWithin(fd, room, time).size();
    if (size < 0) {
      return Optional.empty();
    }
    var bytes = new byte[size];
    room.get(0, bytes, 0, size);
    return Optional.of(new String(bytes, StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    Files.close(fd);
  }
}
