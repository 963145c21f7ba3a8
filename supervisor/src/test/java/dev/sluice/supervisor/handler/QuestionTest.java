package dev.sluice.supervisor.handler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Action.Ask.Remember;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Calls;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// Whoever is asked knows what a yes is to.
class QuestionTest {
  private static Question open(String path, int flags, Remember remember) {
    Call call =
        Calls.ofThisThread(Arch.host(), "openat", OpenFlags.AT_FDCWD & 0xffffffffL, 0, flags);
    Calls.givePinned(call, 0, path);
    return Question.of(call, remember);
  }

  private static Question addressed(String name, String sockaddr, Remember remember) {
    Call call = Calls.ofThisThread(Arch.host(), name);
    Calls.giveAddress(call, HexFormat.of().parseHex(sockaddr));
    return Question.of(call, remember);
  }

  @Test
  void anOpenSaysWhatItIsFor() {
    assertThat(open("/a/b", OpenFlags.O_RDONLY, Remember.NOTHING).text())
        .endsWith("): openat to read /a/b?");
    assertThat(open("/a/b", OpenFlags.O_RDWR, Remember.NOTHING).text())
        .endsWith("): openat to read and write /a/b?");
    assertThat(open("/a/b", OpenFlags.O_RDONLY | OpenFlags.O_TRUNC, Remember.NOTHING).text())
        .endsWith("): openat to read and write /a/b?");
    assertThat(open("/a/b", OpenFlags.O_PATH, Remember.NOTHING).text()).endsWith("): openat /a/b?");
  }

  @Test
  void aYesToReadIsNoneToWrite() {
    Question read = open("/a/b", OpenFlags.O_RDONLY, Remember.DIRECTORY);
    Question write = open("/a/b", OpenFlags.O_WRONLY, Remember.DIRECTORY);
    assertThat(read.key()).isPresent().isNotEqualTo(write.key());
    assertThat(read.key()).isEqualTo(open("/a/c", OpenFlags.O_RDONLY, Remember.DIRECTORY).key());
    assertThat(read.key()).isNotEqualTo(open("/a/b", OpenFlags.O_RDONLY, Remember.PATH).key());
    assertThat(open("/a/b", OpenFlags.O_RDONLY, Remember.NOTHING).key()).isEmpty();
  }

  @Test
  void anAddressIsShown() {
    String ofPort80 = "02000050c0000201" + "00".repeat(8);
    Question question = addressed("connect", ofPort80, Remember.PATH);
    assertThat(question.text()).endsWith("): connect 192.0.2.1:80?");
    String ofPort81 = "02000051c0000201" + "00".repeat(8);
    assertThat(question.key())
        .isPresent()
        .isNotEqualTo(addressed("connect", ofPort81, Remember.PATH).key())
        .isNotEqualTo(addressed("bind", ofPort80, Remember.PATH).key())
        .isEqualTo(addressed("connect", ofPort80, Remember.DIRECTORY).key());

    String inet6 = "0a000050" + "00000000" + "20010db8" + "00".repeat(11) + "01" + "00000000";
    assertThat(addressed("sendto", inet6, Remember.NOTHING).text())
        .endsWith("): sendto [2001:db8::1]:80?");
    String abstractName =
        "010000" + HexFormat.of().formatHex("x\u001b[m".getBytes(StandardCharsets.US_ASCII));
    assertThat(addressed("connect", abstractName, Remember.NOTHING).text())
        .endsWith("): connect unix @x\\x1b[m?");
    // its address is more than its family says
    String netlink = "1000" + "0000" + "01000000" + "00000000";
    String another = "1000" + "0000" + "02000000" + "00000000";
    assertThat(addressed("bind", netlink, Remember.PATH).text()).endsWith("): bind netlink?");
    assertThat(addressed("bind", netlink, Remember.PATH).key())
        .isNotEqualTo(addressed("bind", another, Remember.PATH).key());
  }

  /// A send on a connected socket names nothing.
  @Test
  void whatNamesNothingIsNotRemembered() {
    assertThat(addressed("sendto", "", Remember.PATH).key()).isEmpty();
  }
}
