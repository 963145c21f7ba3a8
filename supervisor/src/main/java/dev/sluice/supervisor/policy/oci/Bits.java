package dev.sluice.supervisor.policy.oci;

import java.util.ArrayList;
import java.util.List;

/// The numbers of which some bits are fixed: `(number & mask) == value`, the one condition of a
/// profile that every set of numbers can be put together from.
record Bits(long mask, long value) {
  static final Bits ANY = new Bits(0, 0);

  boolean isEmptyWith(Bits other) {
    return ((value ^ other.value) & mask & other.mask) != 0;
  }

  private Bits with(Bits other) {
    return new Bits(mask | other.mask, value | other.value);
  }

  /// What both have in common, in parts without a number in common.
  static List<Bits> intersect(List<Bits> all, List<Bits> others) {
    var common = new ArrayList<Bits>();
    for (Bits one : all) {
      for (Bits other : others) {
        if (!one.isEmptyWith(other)) {
          common.add(one.with(other));
        }
      }
    }
    return common;
  }

  /// What is left of `all` without these numbers.
  static List<Bits> subtract(List<Bits> all, Bits less) {
    var left = new ArrayList<Bits>();
    for (Bits one : all) {
      if (one.isEmptyWith(less)) {
        left.add(one);
      } else {
        one.addDifferences(less, left);
      }
    }
    return left;
  }

  /// Bit by bit: equal to `less` so far, and then not.
  private void addDifferences(Bits less, List<Bits> to) {
    Bits equal = this;
    long free = less.mask & ~mask;
    while (free != 0) {
      long bit = Long.highestOneBit(free);
      free ^= bit;
      to.add(equal.with(new Bits(bit, ~less.value & bit)));
      equal = equal.with(new Bits(bit, less.value & bit));
    }
  }

  /// The numbers that are greater than `value`, as far as the bits of `mask` tell.
  static List<Bits> above(long mask, long value) {
    var parts = new ArrayList<Bits>();
    Bits equal = ANY;
    long rest = mask;
    while (rest != 0) {
      long bit = Long.highestOneBit(rest);
      rest ^= bit;
      if ((value & bit) == 0) {
        parts.add(equal.with(new Bits(bit, bit)));
      }
      equal = equal.with(new Bits(bit, value & bit));
    }
    return parts;
  }

  /// As a 32-bit architecture sees it.
  Bits low() {
    return new Bits(mask & 0xffff_ffffL, value & 0xffff_ffffL);
  }
}
