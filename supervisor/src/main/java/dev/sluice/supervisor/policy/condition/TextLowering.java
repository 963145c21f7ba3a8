package dev.sluice.supervisor.policy.condition;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.sluice.supervisor.policy.Suggestion;
import dev.sluice.supervisor.policy.condition.Condition.TextTest;
import dev.sluice.supervisor.policy.condition.Variables.Variable;
import dev.sluice.supervisor.target.AddressFamily;
import dev.sluice.supervisor.target.Text;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// The part of [CelLowering] that is about texts: paths, addresses, names. Its methods throw
/// [Unsupported].
final class TextLowering {
  /// Of mount(2), which may be no path.
  private static final String SOURCE = "source";

  private final Map<String, Variable> variables;
  private final ConstantTexts texts;
  private final ConstantExpressions constants;
  private final CelAbstractSyntaxTree ast;

  TextLowering(
      Map<String, Variable> variables,
      ConstantTexts texts,
      ConstantExpressions constants,
      CelAbstractSyntaxTree ast) {
    this.variables = variables;
    this.texts = texts;
    this.constants = constants;
    this.ast = ast;
  }

  /// `address.in(...)`: of networks, or of one list of them.
  Condition inNetworks(List<CelExpr> args) {
    CelExpr first = args.getFirst();
    boolean isList = first.getKind() == CelExpr.ExprKind.Kind.LIST;
    List<CelExpr> elements = isList ? first.list().elements() : args;
    return new TextTest(
        AddressVariables.WHOLE,
        elements.stream().anyMatch(constants::isUnknown)
            ? new TextPattern.OfContainer()
            : new TextPattern.InNetworks(elements.stream().map(this::network).toList()));
  }

  private Network network(CelExpr expr) {
    try {
      return Network.parse(constants.text(expr));
    } catch (IllegalArgumentException e) {
      throw Unsupported.of(ast, expr, String.valueOf(e.getMessage()));
    }
  }

  /// A family that is written otherwise would never be one.
  TextPattern equalTo(CelExpr text, CelExpr constant) {
    if (constants.isUnknown(constant)) {
      return new TextPattern.OfContainer();
    }
    String name = ConstantExpressions.nameOf(text);
    // an abstract name has all the bytes that were given
    String wanted = constants.text(constant, name.equals(AddressVariables.PATH));
    if (name.equals(AddressVariables.FAMILY) && !AddressFamily.names().contains(wanted)) {
      throw Unsupported.of(
          ast,
          constant,
          "'"
              + wanted
              + "' is no address family, as inet, inet6 and unix are"
              + Suggestion.didYouMean(wanted, AddressFamily.names()));
    }
    refuse(text, constant, value -> WrittenText.complaint(value, wanted));
    return TextPattern.Equal.to(wanted);
  }

  /// Refuses a constant that no text of a call could be; of one that is made for a container,
  /// another may have what fits.
  ///
  /// @param complaint why it could not
  private void refuse(
      CelExpr text, CelExpr constant, Function<TextValue, Optional<String>> complaint) {
    boolean isOfCall =
        variables.get(ConstantExpressions.nameOf(text)) instanceof Variable.OfText
            && !ConstantExpressions.nameOf(text).equals(SOURCE);
    if (!isOfCall || constants.isOfContainer(constant)) {
      return;
    }
    Optional<String> said;
    try {
      said = complaint.apply(text(text));
    } catch (IllegalArgumentException e) {
      throw Unsupported.of(ast, constant, String.valueOf(e.getMessage()));
    }
    if (said.isPresent()) {
      throw Unsupported.of(ast, constant, said.get());
    }
  }

  /// Compares a text by one of the functions that a text has.
  Condition test(String function, CelExpr target, CelExpr argument) {
    if (constants.isUnknown(argument)) {
      return test(target, new TextPattern.OfContainer());
    }
    String pattern = constants.text(argument);
    if (function.equals("startsWith")) {
      refuse(target, argument, value -> WrittenText.complaintOfPrefix(value, pattern));
    } else if (function.equals("glob")) {
      refuse(target, argument, value -> WrittenText.complaintOfPattern(value, pattern));
    }
    try {
      List<? extends TextPattern> compiled =
          switch (function) {
            case "startsWith" -> List.of(new TextPattern.Prefix(TextPattern.bytes(pattern)));
            case "endsWith" -> List.of(new TextPattern.Suffix(TextPattern.bytes(pattern)));
            case "contains" -> List.of(new TextPattern.Containing(TextPattern.bytes(pattern)));
            case "under" ->
                texts.directories(pattern).stream().map(TextPattern.Under::new).toList();
            case "above" ->
                texts.directories(pattern).stream().map(TextPattern.Above::new).toList();
            default -> texts.globs(pattern);
          };
      return Condition.any(compiled.stream().map(each -> test(target, each)).toList());
    } catch (IllegalArgumentException e) {
      throw Unsupported.of(ast, argument, String.valueOf(e.getMessage()));
    }
  }

  /// Made at once if the text is a constant, such as the id of a container.
  Condition test(CelExpr text, TextPattern pattern) {
    boolean isConstant = constants.textIn(text).isPresent();
    if (isConstant && (constants.isUnknown(text) || pattern instanceof TextPattern.OfContainer)) {
      return new TextTest(new TextValue.OfContainer(), pattern);
    }
    return constants
        .textIn(text)
        .<Condition>map(constant -> new Condition.Constant(pattern.matches(Text.of(constant))))
        .orElseGet(() -> new TextTest(text(text), pattern));
  }

  private TextValue text(CelExpr expr) {
    if (variables.get(ConstantExpressions.nameOf(expr))
        instanceof Variable.OfText(TextValue value)) {
      return value;
    }
    throw Unsupported.of(ast, expr, "a variable is needed here, such as path");
  }
}
