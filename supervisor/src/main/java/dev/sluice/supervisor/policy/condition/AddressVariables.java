package dev.sluice.supervisor.policy.condition;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.sluice.supervisor.policy.condition.Condition.Comparison;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.Variables.Variable;
import dev.sluice.supervisor.syscall.Signature;
import dev.sluice.supervisor.target.CallKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `address`: what a condition may ask of the address a call gives a socket.
final class AddressVariables {
  static final String NAME = "address";
  static final String FAMILY = "address.family";
  static final String PATH = "address.path";

  /// Of `address` itself, which only [InFunction] takes.
  static final CelType TYPE = OpaqueType.create(NAME);

  private static final Set<String> SENDS = Set.of("sendto", "sendmsg", "sendmmsg");
  private static final Set<String> OTHERS = Set.of("connect", "bind");

  /// What `in` looks at.
  static final TextValue WHOLE = new TextValue.OfAddress(TextValue.OfAddress.Part.IP_BYTES);

  private AddressVariables() {}

  static void add(CallKind kind, Map<String, Variable> to) {
    if (!SENDS.contains(kind.name()) && !OTHERS.contains(kind.name())) {
      return;
    }
    to.put(NAME, new Variable.OfAddress());
    to.put(FAMILY, text(TextValue.OfAddress.Part.FAMILY));
    to.put("address.ip", text(TextValue.OfAddress.Part.IP));
    to.put(
        "address.port",
        new Variable.OfNumber(new NumberValue.OfAddress(NumberValue.OfAddress.Part.PORT)));
    to.put(PATH, text(TextValue.OfAddress.Part.PATH));
  }

  private static Variable text(TextValue.OfAddress.Part part) {
    return new Variable.OfText(new TextValue.OfAddress(part));
  }

  /// `address.in(...)`, with one network or more, or a list of them.
  static CelFunctionDecl inFunction() {
    var overloads = new ArrayList<CelOverloadDecl>();
    for (int count = 1; count <= InFunction.MAX_ARGUMENTS; count++) {
      var types = new ArrayList<CelType>(Collections.nCopies(count, SimpleType.STRING));
      types.addFirst(TYPE);
      overloads.add(
          CelOverloadDecl.newMemberOverload("in_networks_" + count, SimpleType.BOOL, types));
    }
    overloads.add(
        CelOverloadDecl.newMemberOverload(
            "in_networks", SimpleType.BOOL, TYPE, ListType.create(SimpleType.STRING)));
    return CelFunctionDecl.newFunctionDeclaration(InFunction.NAME, overloads);
  }

  /// A condition that speaks of an address is about calls that have one. A send on a connected
  /// socket has none, and goes where connect(2) was allowed to; of sendto(2) a register tells.
  static Condition ifGiven(CallKind kind, Condition condition) {
    if (!SENDS.contains(kind.name()) || !condition.readsAddresses()) {
      return condition;
    }
    var given = new NumberValue.OfAddress(NumberValue.OfAddress.Part.GIVEN);
    Condition isGiven = Condition.and(isPointer(kind), new NumberTest(given, -1, Comparison.EQ, 1));
    return Condition.and(isGiven, condition);
  }

  private static Condition isPointer(CallKind kind) {
    List<Signature.Parameter> parameters = kind.signature().parameters();
    for (int i = 0; i < parameters.size(); i++) {
      if (parameters.get(i).type() == Signature.Type.SOCKADDR) {
        int word = kind.arch().is64Bit() ? Long.SIZE : Integer.SIZE;
        return new NumberTest(new NumberValue.Register(i, word, false), -1, Comparison.NE, 0);
      }
    }
    return Condition.Constant.TRUE;
  }
}
