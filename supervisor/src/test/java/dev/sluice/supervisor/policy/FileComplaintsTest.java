package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.complaintsAbout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Files that are no policy, or not even YAML.
class FileComplaintsTest {
  private static final int MAX_BYTES = 1 << 20;

  @TempDir private Path directory = Path.of("");

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '`',
      textBlock =
          """
          rules: [\\n               => 2:1: error: this is not YAML: expected the node content, but found '<stream end>'
          a: *b                    => 1:4: error: this is not YAML: found undefined alias b
          a: &x [*x]               => 1:8: error: '*x' is a part of what it refers to
          a: b\\n---\\nc: d         => 2:1: error: this is not YAML: but found another document
          a: b\\n- c               => 2:1: error: this is not YAML: expected <block end>, but found '-'
          a: @b                    => 1:4: error: this is not YAML: found character '@' that cannot start any token. (Do not use @ for indentation)
          a:\\n\\tb: c              => 2:1: error: this is not YAML: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation)
          a: "b                    => 1:6: error: this is not YAML: found unexpected end of stream
          a: "b\\7"                => 1:6: error: this is not YAML: it has no U+0007
          a: "\\\\q"                => 1:6: error: this is not YAML: found unknown escape character q(113)
          ? [a]\\n: b              => 1:3: error: a key must be a word
          a: b\\na: c              => 2:1: error: the key 'a' stands here twice
          # nothing                => 1:1: error: the file is empty; a policy begins with 'sluice: v1'
          - a                      => 1:1: error: a policy must be a mapping of keys, not a list
          sluice: v1\\nrules: x    => 2:8: error: 'rules' must be a list, not 'x'
          sluice: v1\\nrules:      => 2:7: error: 'rules' must be a list, not nothing
          sluice: v1\\nrules: []\\nvars: a => 3:7: error: 'vars' must be a mapping of keys, not 'a'
          """)
  void thatAreNoPolicy(String text, String complaint) {
    assertThat(complaintsAbout(text.translateEscapes())).first().isEqualTo("p.yaml:" + complaint);
  }

  @Test
  void ofALengthThatNoPolicyHas() throws IOException {
    assertThat(complaintsAbout("#".repeat(MAX_BYTES + 1)))
        .containsExactly("p.yaml:1:1: error: no more than 1048576 bytes can stand in a file");
    try (var endless = new RandomAccessFile(directory.resolve("p.yaml").toFile(), "rw")) {
      endless.setLength(1L << 40);
    }
    complains("p.yaml", "no more than 1048576 bytes can stand in a file");
    assertThat(complaintsAbout("a: [" + "1,".repeat(50_000) + "]"))
        .containsExactly("p.yaml:1:99999: error: no more than 50000 values can stand in a file");
    assertThat(complaintsAbout("a: " + "[".repeat(100_000)))
        .containsExactly(
            "p.yaml:1:35: error: no more than 32 lists and mappings can stand in each other");
    assertThat(complaintsAbout("a: &x [1]\nb: [" + "*x,".repeat(11) + "]\n"))
        .containsExactly(
            "p.yaml:2:35: error: no more than 10 references to lists and mappings can stand in a"
                + " file: write this one out");
    assertThat(complaintsAbout("sluice: v1\nrules:\n" + "- x\n".repeat(150)))
        .hasSize(101)
        .last()
        .isEqualTo("p.yaml:102:3: error: there are 50 complaints more");
    String calls = "- {on: [\"@open\", \"@modify\", \"@stat\"], deny: EIO}\n";
    assertThat(complaintsAbout("sluice: v1\nrules:\n" + calls.repeat(2000)))
        .singleElement()
        .asString()
        .endsWith(
            "error: the rules up to here name more than 50000 calls, each counted for every rule:"
                + " say it in fewer");
  }

  @Test
  void whatIsServedHasAnEnd() throws IOException {
    Path big = directory.resolve("big");
    try (var file = new RandomAccessFile(big.toFile(), "rw")) {
      file.setLength((16 << 20) + 1);
    }
    assertThat(complaintsAbout("sluice: v1\nrules: [{serve: {file: " + big + "}}]"))
        .containsExactly("p.yaml:2:24: error: the file \"" + big + "\" has more than 16 MiB");
  }

  @Test
  void thatCannotBeRead() throws IOException {
    complains("none.yaml", "there is no such file");
    Files.createDirectory(directory.resolve("d.yaml"));
    complains("d.yaml", "the file cannot be read: Is a directory");
    Files.createFile(directory.resolve("f"));
    complains("f/p.yaml", "the file cannot be read: Not a directory");
    Files.write(directory.resolve("latin.yaml"), "name: é".getBytes(StandardCharsets.ISO_8859_1));
    complains("latin.yaml", "the file is not UTF-8");
  }

  private void complains(String name, String complaint) {
    Path file = directory.resolve(name);
    assertThatThrownBy(() -> PolicyCompiler.read(file))
        .isInstanceOf(PolicyException.class)
        .hasMessage(file + ":1:1: error: " + complaint);
  }
}
