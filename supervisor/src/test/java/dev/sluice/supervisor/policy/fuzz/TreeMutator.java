package dev.sluice.supervisor.policy.fuzz;

import dev.sluice.supervisor.policy.fuzz.Tree.Entry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Makes of documents others with the same keys in the same places: some of their rules, some rules
/// of others, and up to five changes. Each place that any of them has is changed as often as any
/// other, however rare it is, and is put where it is missing.
final class TreeMutator {
  private static final int MOST_ITEMS = 4;

  private final List<Tree> seeds;

  /// Which values there are in a place such as `/rules/*/limit/rate`, in all documents.
  private final Map<String, List<Tree>> known = new LinkedHashMap<>();

  private final List<Tree> everything = new ArrayList<>();

  /// A part of a document, and how to put another in its place.
  private record Place(String shape, Tree tree, List<Entry> keys, List<Tree> items, int index) {
    void replace(Tree other) {
      if (items.isEmpty()) {
        keys.set(index, new Entry(keys.get(index).key(), other));
      } else {
        items.set(index, other);
      }
    }

    void remove() {
      (items.isEmpty() ? keys : items).remove(index);
    }

    void twice() {
      if (items.isEmpty()) {
        keys.add(keys.get(index));
      } else {
        items.add(items.get(index));
      }
    }

    void rename(String key) {
      if (items.isEmpty()) {
        keys.set(index, new Entry(key, tree));
      } else {
        items.set(index, new Tree.Keys(new ArrayList<>(List.of(new Entry(key, tree)))));
      }
    }
  }

  TreeMutator(List<String> seeds) {
    this.seeds = seeds.stream().map(Tree::parse).toList();
    for (Tree seed : this.seeds) {
      for (Place place : places(seed)) {
        known.computeIfAbsent(place.shape(), _ -> new ArrayList<>()).add(place.tree());
        everything.add(place.tree());
      }
    }
  }

  /// @param json whether it is to be JSON
  String next(Choices choices, boolean json) {
    Tree tree = choices.any(seeds).copy();
    thin("", tree, choices);
    for (int changes = choices.below(6); changes > 0; changes--) {
      change(tree, choices);
    }
    return new TreeWriter(json, choices.below(5)).write(tree);
  }

  /// Leaves a few items in each list, most of them its own.
  private void thin(String shape, Tree tree, Choices choices) {
    switch (tree) {
      case Tree.Items(var items) -> {
        var left = new ArrayList<Tree>();
        for (int i = Math.min(items.size(), 1 + choices.below(MOST_ITEMS)); i > 0; i--) {
          left.add(
              choices
                  .any(choices.rarely(5) ? known.getOrDefault(shape + "/*", everything) : items)
                  .copy());
        }
        items.clear();
        items.addAll(left);
        items.forEach(item -> thin(shape + "/*", item, choices));
      }
      case Tree.Keys(var entries) ->
          entries.forEach(entry -> thin(shape + "/" + entry.key(), entry.value(), choices));
      case Tree.Leaf _ -> {}
    }
  }

  private void change(Tree tree, Choices choices) {
    Place place = place(tree, choices.any(List.copyOf(known.keySet())), choices);
    switch (choices.below(18)) {
      case 0, 1, 2 -> place.replace(like(place, choices));
      case 3 -> place.replace(choices.any(everything).copy());
      case 4 -> place.replace(new Tree.Leaf(choices.any(Oddities.VALUES), !choices.rarely(4)));
      case 5 -> place.replace(nested(place, choices));
      case 6 -> place.remove();
      case 7 -> place.twice();
      case 8 -> place.rename(key(choices));
      case 9 -> add(place, choices);
      default -> place.replace(reworded(place.tree(), choices));
    }
  }

  /// One of the places of a shape, which is put into a tree that has none of it.
  private Place place(Tree tree, String shape, Choices choices) {
    List<Place> all = places(tree).stream().filter(place -> place.shape().equals(shape)).toList();
    if (!all.isEmpty()) {
      return choices.any(all);
    }
    int end = shape.lastIndexOf('/');
    var entry =
        new Entry(
            shape.substring(end + 1), choices.any(known.getOrDefault(shape, everything)).copy());
    List<Entry> entries = new ArrayList<>();
    Tree above = tree;
    if (end > 0) {
      Place outer = place(tree, shape.substring(0, end), choices);
      above = outer.tree();
      if (above instanceof Tree.Leaf) {
        above =
            entry.key().equals("*")
                ? new Tree.Items(new ArrayList<>())
                : new Tree.Keys(new ArrayList<>());
        outer.replace(above);
      }
    }
    switch (above) {
      case Tree.Keys keys -> {
        entries = keys.entries();
        entries.add(entry);
      }
      case Tree.Items(var items) -> {
        items.add(entry.value());
        return new Place(shape, entry.value(), entries, items, items.size() - 1);
      }
      case Tree.Leaf _ -> entries.add(entry);
    }
    return new Place(shape, entry.value(), entries, List.of(), entries.size() - 1);
  }

  /// What stands in the same place elsewhere.
  private Tree like(Place place, Choices choices) {
    return choices.any(known.getOrDefault(place.shape(), everything)).copy();
  }

  private static Tree nested(Place place, Choices choices) {
    Tree tree = place.tree();
    for (int depth = 1 + choices.below(choices.rarely(4) ? 40 : 2); depth > 0; depth--) {
      tree =
          choices.rarely(3)
              ? new Tree.Keys(new ArrayList<>(List.of(new Entry("a", tree))))
              : new Tree.Items(new ArrayList<>(List.of(tree)));
    }
    return tree;
  }

  private String key(Choices choices) {
    if (choices.rarely(2)) {
      return choices.any(Oddities.VALUES);
    }
    String shape = choices.any(List.copyOf(known.keySet()));
    return shape.substring(shape.lastIndexOf('/') + 1);
  }

  /// One of the keys that stand beside this in other documents, with its value there.
  private void add(Place place, Choices choices) {
    if (place.items().isEmpty()) {
      String above = place.shape().substring(0, place.shape().lastIndexOf('/') + 1);
      List<String> beside =
          known.keySet().stream()
              .filter(shape -> shape.startsWith(above) && shape.indexOf('/', above.length()) < 0)
              .toList();
      if (!beside.isEmpty()) {
        String shape = choices.any(beside);
        Tree value = choices.any(known.getOrDefault(shape, everything)).copy();
        place.keys().add(new Entry(shape.substring(above.length()), value));
      }
    } else {
      place.items().add(like(place, choices));
    }
  }

  private static Tree reworded(Tree tree, Choices choices) {
    return switch (tree) {
      case Tree.Leaf(var text, var plain) -> new Tree.Leaf(Oddities.in(text, choices), plain);
      case Tree.Items(var items) -> {
        Collections.reverse(items);
        yield tree;
      }
      case Tree.Keys(var entries) -> {
        Collections.reverse(entries);
        yield tree;
      }
    };
  }

  private static List<Place> places(Tree tree) {
    var places = new ArrayList<Place>();
    collect("", tree, places);
    return places;
  }

  private static void collect(String shape, Tree tree, List<Place> places) {
    switch (tree) {
      case Tree.Items(var items) -> {
        for (int i = 0; i < items.size(); i++) {
          places.add(new Place(shape + "/*", items.get(i), List.of(), items, i));
          collect(shape + "/*", items.get(i), places);
        }
      }
      case Tree.Keys(var entries) -> {
        for (int i = 0; i < entries.size(); i++) {
          Entry entry = entries.get(i);
          String below = shape + "/" + entry.key();
          places.add(new Place(below, entry.value(), entries, List.of(), i));
          collect(below, entry.value(), places);
        }
      }
      case Tree.Leaf _ -> {}
    }
  }
}
