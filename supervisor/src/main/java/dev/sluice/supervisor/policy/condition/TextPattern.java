package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.BytePairs;
import dev.sluice.supervisor.target.Text;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// What a text can be compared with.
public sealed interface TextPattern {
  boolean matches(Text text);

  /// What every text that matches has.
  default BytePairs needed() {
    return switch (this) {
      case Equal(byte[] other) -> BytePairs.of(other);
      case Prefix(byte[] prefix) -> BytePairs.of(prefix);
      case Suffix(byte[] suffix) -> BytePairs.of(suffix);
      case Containing(byte[] part) -> BytePairs.of(part);
      case Under(byte[] directory) -> BytePairs.of(directory);
      case Above _, InNetworks _, OfContainer _ -> new BytePairs();
      case AnyOf(List<TextPattern> patterns) ->
          BytePairs.inAll(patterns.stream().map(TextPattern::needed).toList());
      case Globbed(Glob glob) -> glob.needed();
    };
  }

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

  /// A directory, or one it lies in. The empty text, of a mount without a source, is none.
  record Above(byte[] directory) implements TextPattern {
    @Override
    public boolean matches(Text text) {
      int length = text.length();
      return length > 0
          && length <= directory.length
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

  /// The bytes of an IP address in one of these networks.
  record InNetworks(List<Network> networks) implements TextPattern {
    @Override
    public boolean matches(Text text) {
      for (int i = 0; i < networks.size(); i++) {
        if (networks.get(i).contains(text)) {
          return true;
        }
      }
      return false;
    }
  }

  /// One that is made of texts of a container that may be any: for filters alone.
  record OfContainer() implements TextPattern {
    @Override
    public boolean matches(Text text) {
      throw new IllegalStateException("which container is it?");
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
