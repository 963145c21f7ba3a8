package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.Location;
import java.util.List;
import java.util.Map;

/// A value of a JSON document, with the place it stands at.
sealed interface Json {
  Location location();

  /// What it is, in a message.
  String describe();

  record Text(Location location, String value) implements Json {
    @Override
    public String describe() {
      return "the text '" + value + "'";
    }
  }

  /// A number as it is written: JSON knows no limit for one.
  record Numeral(Location location, String digits) implements Json {
    @Override
    public String describe() {
      return digits;
    }
  }

  /// `true`, `false` or `null`.
  record Word(Location location, String word) implements Json {
    @Override
    public String describe() {
      return word;
    }

    boolean isNull() {
      return word.equals("null");
    }
  }

  record Array(Location location, List<Json> items) implements Json {
    @Override
    public String describe() {
      return "a list";
    }
  }

  /// @param members in the order of the document
  record Struct(Location location, Map<String, Member> members) implements Json {
    @Override
    public String describe() {
      return "an object";
    }
  }

  /// @param key where the key stands
  record Member(Location key, Json value) {}
}
