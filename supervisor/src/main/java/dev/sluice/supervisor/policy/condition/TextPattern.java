package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.Text;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// What a text can be compared with.
public sealed interface TextPattern {
  boolean matches(Text text);

  record Equal(byte[] other) implements TextPattern {
    public static Equal to(String text) {
      return new Equal(bytes(text));
    }

    @Override
    public boolean matches(Text text) {
      return text.equalTo(other);
    }
  }

  record Prefix(byte[] prefix) implements TextPattern {
    @Override
    public boolean matches(Text text) {
      return text.startsWith(prefix);
    }
  }

  record Suffix(byte[] suffix) implements TextPattern {
    @Override
    public boolean matches(Text text) {
      return text.endsWith(suffix);
    }
  }

  record Containing(byte[] part) implements TextPattern {
    @Override
    public boolean matches(Text text) {
      for (int i = 0; i + part.length <= text.length(); i++) {
        int matched = 0;
        while (matched < part.length && text.at(i + matched) == part[matched]) {
          matched++;
        }
        if (matched == part.length) {
          return true;
        }
      }
      return false;
    }
  }

  /// A directory, or anything below it.
  record Under(byte[] directory) implements TextPattern {
    @Override
    public boolean matches(Text text) {
      return text.startsWith(directory)
          && (text.length() == directory.length
              || directory.length == 1 // the root
              || text.at(directory.length) == '/');
    }
  }

  /// A directory, or one it lies in.
  record Above(byte[] directory) implements TextPattern {
    @Override
    public boolean matches(Text text) {
      int length = text.length();
      return length <= directory.length
          && Arrays.equals(text.array(), 0, length, directory, 0, length)
          && (length == directory.length || length == 1 || directory[length] == '/');
    }
  }

  record AnyOf(List<TextPattern> patterns) implements TextPattern {
    @Override
    public boolean matches(Text text) {
      for (int i = 0; i < patterns.size(); i++) {
        if (patterns.get(i).matches(text)) {
          return true;
        }
      }
      return false;
    }
  }

  /// See [Glob].
  record Globbed(Glob glob) implements TextPattern {
    @Override
    public boolean matches(Text text) {
      return glob.matches(text);
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
