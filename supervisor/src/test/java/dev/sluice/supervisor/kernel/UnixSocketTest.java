package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.supervisor.kernel.UnixSocket.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnixSocketTest {
  private static final int SO_PASSCRED = 16;
  private static final int SO_PASSPIDFD = 76;

  @TempDir private Path directory;
  private final NativeBytes buffer = NativeBytes.allocate(64);
  private int ours;
  private int theirs;

  @BeforeEach
  void connect() {
    int[] pair = SmallCalls.socketpair();
    ours = pair[0];
    theirs = pair[1];
  }

  @AfterEach
  void close() {
    Files.close(ours);
    Files.close(theirs);
  }

  @Test
  void messagesArriveOneByOneInBothDirections() {
    assertThat(send(ours, "one")).isEqualTo(3);
    assertThat(send(ours, "second")).isEqualTo(6);
    assertThat(receive(theirs)).isEqualTo("one");
    assertThat(receive(theirs)).isEqualTo("second");
    assertThat(send(theirs, "back")).isEqualTo(4);
    assertThat(receive(ours)).isEqualTo("back");
  }

  @Test
  void descriptorsArriveAsTheSameFilesClosedOnExec() throws IOException {
    Path file = java.nio.file.Files.writeString(directory.resolve("file"), "content");
    int sent = Files.open(file.toString(), OpenFlags.O_RDONLY);
    UnixSocket.send(ours, bytes("x"), 1, sent, ours);
    Received received = UnixSocket.receive(theirs, buffer);
    assertThat(received.size()).isEqualTo(1);
    assertThat(received.fds()).hasSize(2).doesNotContain(sent, ours);
    assertThat(inode(received.fds()[0])).isEqualTo(inode(sent));
    for (int fd : received.fds()) {
      int flags = Integer.parseInt(ProcText.field("/proc/self/fdinfo/" + fd, "flags"), 8);
      assertThat(flags & OpenFlags.O_CLOEXEC).isNotZero();
      Files.close(fd);
    }
    Files.close(sent);
  }

  @Test
  void asManyDescriptorsAsThereIsRoomForArriveAndNoMoreCanBeSent() {
    int[] fds = new int[UnixSocket.MAX_FDS];
    Arrays.fill(fds, ours);
    UnixSocket.send(ours, bytes("x"), 1, fds);
    Received received = UnixSocket.receive(theirs, buffer);
    assertThat(received.fds()).hasSize(UnixSocket.MAX_FDS);
    Arrays.stream(received.fds()).forEach(Files::close);
    assertThatThrownBy(() -> UnixSocket.send(ours, bytes("x"), 1, new int[UnixSocket.MAX_FDS + 1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aMessageThatDoesNotFitIsRefusedAndItsDescriptorsAreClosed() {
    String large = "x".repeat(65);
    UnixSocket.send(ours, bytes(large), large.length(), ours);
    Received received = UnixSocket.receive(theirs, buffer);
    assertThat(received.size()).isEqualTo(-Errno.EMSGSIZE.number());
    assertThat(received.fds()).isEmpty();
    assertThat(descriptorsInTheEnd(ours)).containsExactly(ours);
  }

  /// A peer of another kind may send as many as the kernel lets it (253).
  @Test
  void moreDescriptorsThanFitAreRefusedAndClosed() {
    SmallCalls.sendDescriptors(ours, 100);
    Received received = UnixSocket.receive(theirs, buffer);
    assertThat(received.size()).isEqualTo(-Errno.EMSGSIZE.number());
    assertThat(received.fds()).isEmpty();
    assertThat(descriptorsInTheEnd(ours)).containsExactly(ours);
  }

  /// Whatever limits it has, which are those of everybody who has the socket.
  @Test
  void noneWaitsLongerThanItWantsTo() {
    Duration soon = Duration.ofMillis(20);
    assertThat(UnixSocket.receiveWithin(theirs, buffer, soon).size())
        .isEqualTo(-Errno.EAGAIN.number());
    int sent = 1;
    for (int i = 0; i < 10_000 && sent == 1; i++) {
      sent = UnixSocket.sendWithin(ours, bytes("x"), 1, soon);
    }
    assertThat(sent).isEqualTo(-Errno.EAGAIN.number());
  }

  @Test
  void whoWaitsGetsWhatComesMeanwhile() throws InterruptedException {
    var thread =
        Thread.startVirtualThread(() -> {
          assertThat(receive(theirs)).isEqualTo("go");
          send(theirs, "went");
        });
    send(ours, "go");
    Received received = UnixSocket.receiveWithin(ours, buffer, Duration.ofMinutes(1));
    assertThat(received.size()).isEqualTo(4);
    thread.join();
  }

  /// Whoever shares our end of a socket can have other messages stand before the descriptors
  /// (SCM_CREDENTIALS), or add one with a descriptor more (SCM_PIDFD).
  @ParameterizedTest
  @ValueSource(ints = {SO_PASSCRED, SO_PASSPIDFD})
  void descriptorsAreFoundWhateverElseIsAskedFor(int option) {
    assumeThat(SmallCalls.setOption(theirs, option)).isZero(); // SO_PASSPIDFD: 6.5
    long before = pidfdsOfUs();
    SmallCalls.sendDescriptors(ours, 3);
    Received received = UnixSocket.receive(theirs, buffer);
    assertThat(received.size()).isEqualTo(1);
    assertThat(received.fds()).hasSize(3).doesNotContain(ours, theirs);
    for (int fd : received.fds()) {
      assertThat(inode(fd)).isEqualTo(inode(ours));
      Files.close(fd);
    }
    assertThat(pidfdsInTheEnd(before)).isLessThanOrEqualTo(before);

    SmallCalls.sendDescriptors(ours, 200);
    received = UnixSocket.receive(theirs, buffer);
    assertThat(received.size()).isEqualTo(-Errno.EMSGSIZE.number());
    assertThat(received.fds()).isEmpty();
    assertThat(descriptorsInTheEnd(ours)).containsExactly(ours);
    assertThat(pidfdsInTheEnd(before)).isLessThanOrEqualTo(before);
  }

  /// Other tests of this JVM may have more of them for a while.
  private static long pidfdsInTheEnd(long before) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    long found = pidfdsOfUs();
    while (found > before && System.nanoTime() < end) {
      Thread.onSpinWait();
      found = pidfdsOfUs();
    }
    return found;
  }

  private static long pidfdsOfUs() {
    long pid = ProcessHandle.current().pid();
    return IntStream.range(0, 1024).filter(fd -> isPidfdOf(pid, fd)).count();
  }

  private static boolean isPidfdOf(long pid, int fd) {
    try {
      return java.nio.file.Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
          .anyMatch(line -> line.equals("Pid:\t" + pid));
    } catch (IOException e) {
      return false; // there is none of that number
    }
  }

  @Test
  void theEndOfAConnectionIsAnEmptyMessageAndThenNobodyIsThere() {
    Files.close(theirs);
    theirs = -1; // another test may be given the number
    assertThat(UnixSocket.receive(ours, buffer).size()).isZero();
    // and no SIGPIPE, which would have ended this process
    assertThat(send(ours, "x")).isEqualTo(-Errno.EPIPE.number());
  }

  @Test
  void aListenerAcceptsAndKnowsItsPeer() {
    String path = directory.resolve("socket").toString();
    int listener = UnixSocket.listen(path, 1);
    int client = SmallCalls.connect(path);
    int accepted = UnixSocket.accept(listener);
    UnixSocket.Peer peer = UnixSocket.peer(accepted);
    assertThat(peer.pid()).isEqualTo((int) ProcessHandle.current().pid());
    assertThat(peer.uid()).isEqualTo(Processes.geteuid());
    assertThat(send(client, "hello")).isEqualTo(5);
    assertThat(receive(accepted)).isEqualTo("hello");
    List.of(listener, client, accepted).forEach(Files::close);
  }

  @Test
  void aPathInUseOrTooLongCannotBeListenedOn() {
    String path = directory.resolve("socket").toString();
    int listener = UnixSocket.listen(path, 1);
    assertThatThrownBy(() -> UnixSocket.listen(path, 1))
        .hasMessage("bind \"" + path + "\": EADDRINUSE");
    Files.close(listener);
    String tooLong = "/" + "x".repeat(107);
    assertThatThrownBy(() -> UnixSocket.listen(tooLong, 1))
        .hasMessage("bind \"" + tooLong + "\": ENAMETOOLONG");
  }

  private static int send(int fd, String text) {
    return UnixSocket.send(fd, bytes(text), text.length());
  }

  private String receive(int fd) {
    int size = UnixSocket.receive(fd, buffer).size();
    byte[] text = new byte[size];
    buffer.get(0, text, 0, size);
    return new String(text, StandardCharsets.US_ASCII);
  }

  private static NativeBytes bytes(String text) {
    return NativeBytes.of(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static long inode(int fd) {
    var stat = new Stat();
    assertThat(Files.fstat(fd, stat)).isZero();
    return stat.ino();
  }

  /// As [#descriptorsOf], once others have closed theirs, for which they have ten seconds.
  private static List<Integer> descriptorsInTheEnd(int same) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    List<Integer> found = descriptorsOf(same);
    while (found.size() > 1 && System.nanoTime() < end) {
      Thread.onSpinWait();
      found = descriptorsOf(same);
    }
    return found;
  }

  /// Of all the descriptors of this process, those of the same file: other tests open and close
  /// theirs meanwhile.
  private static List<Integer> descriptorsOf(int same) {
    var stat = new Stat();
    assertThat(Files.fstat(same, stat)).isZero();
    long dev = stat.dev();
    long inode = stat.ino();
    var found = new ArrayList<Integer>();
    for (int fd = 0; fd < 1024; fd++) {
      if (Files.fstat(fd, stat) == 0 && stat.ino() == inode && stat.dev() == dev) {
        found.add(fd);
      }
    }
    return found;
  }
}
