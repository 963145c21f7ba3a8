package dev.sluice.supervisor.policy.condition;

import dev.cel.checker.CelStandardDeclarations;
import dev.cel.checker.CelStandardDeclarations.StandardFunction;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.Rule;
import dev.sluice.supervisor.policy.condition.Variables.Variable;
import dev.sluice.supervisor.syscall.Constants;
import dev.sluice.supervisor.target.CallKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes conditions of the `when` of rules: parsed and type-checked by cel-java, then compiled for
/// each call of the rule.
public final class ConditionCompiler {
  /// Of CEL's own, what CelLowering can lower. The checker goes through all of them for each
  /// expression.
  private static final CelStandardDeclarations OPERATORS =
      CelStandardDeclarations.newBuilder()
          .includeFunctions(
              StandardFunction.LOGICAL_AND,
              StandardFunction.LOGICAL_OR,
              StandardFunction.LOGICAL_NOT,
              StandardFunction.CONDITIONAL,
              StandardFunction.EQUALS,
              StandardFunction.NOT_EQUALS,
              StandardFunction.LESS,
              StandardFunction.LESS_EQUALS,
              StandardFunction.GREATER,
              StandardFunction.GREATER_EQUALS,
              StandardFunction.IN,
              StandardFunction.INDEX,
              StandardFunction.ADD,
              StandardFunction.SUBTRACT,
              StandardFunction.MULTIPLY,
              StandardFunction.CONTAINS,
              StandardFunction.STARTS_WITH,
              StandardFunction.ENDS_WITH)
          .build();

  private static final Pattern CONSTANT = Pattern.compile("\\b[A-Z][A-Z0-9_]+\\b");

  private final Map<String, String> vars;
  private final ConstantTexts texts;
  private final TestBudget budget = new TestBudget();
  private final Map<Map<String, CelType>, CelCompiler> compilers = new HashMap<>();
  private final Function<CallKind, Map<String, Variable>> variablesOf;

  /// @param vars the policy's own constants, `vars.NAME`
  /// @param home what `~` stands for
  /// @param container empty if it may be any: then what is asked of it is asked of each call
  public ConditionCompiler(Map<String, String> vars, String home, Optional<Container> container) {
    this(vars, home, container, Variables::of);
  }

  private ConditionCompiler(
      Map<String, String> vars,
      String home,
      Optional<Container> container,
      Function<CallKind, Map<String, Variable>> variablesOf) {
    this.vars = vars;
    this.texts = new ConstantTexts(vars, home, container);
    this.variablesOf = variablesOf;
  }

  /// For conditions on calls that are on record.
  public static ConditionCompiler ofRecords(String home) {
    return new ConditionCompiler(Map.of(), home, Optional.of(Container.NONE), Variables::ofRecord);
  }

  /// Whether a condition so far is about the container.
  public boolean asksOfContainer() {
    return texts.areOfContainer();
  }

  /// The condition for each of `kinds`, in their order; empty if there is a diagnostic.
  ///
  /// If it speaks of `path` alone, that is every path of a call: what allows is to hold for all of
  /// them, everything else for one.
  ///
  /// @param allows which of that it is
  public Optional<List<Condition>> compile(
      Rule.When when, List<CallKind> kinds, boolean allows, List<Diagnostic> diagnostics) {
    var variables = kinds.stream().map(variablesOf).toList();
    Map<String, CelType> types = typesInAll(variables);
    Optional<CelAbstractSyntaxTree> checked = check(when, kinds, variables, types, diagnostics);
    if (checked.isEmpty()) {
      return Optional.empty();
    }
    CelAbstractSyntaxTree ast = checked.get();
    if (!ast.getResultType().equals(SimpleType.BOOL)) {
      diagnostics.add(
          Diagnostic.error(
              when.locationOf(0),
              "'when' must be true or false, not "
                  + CelMessages.nameOf(ast.getResultType().name())));
      return Optional.empty();
    }
    try {
      var conditions = new ArrayList<Condition>();
      for (int i = 0; i < kinds.size(); i++) {
        CallKind kind = kinds.get(i);
        Condition condition =
            new CelLowering(kind, variables.get(i), texts, budget, ast).condition();
        boolean ofOne = condition.readsPath(0) && !condition.readsPath(1);
        if (ofOne && variables.get(i).containsKey(Variables.SECOND_PATH)) {
          var others = Variables.ofSecondPath(variables.get(i));
          Condition other = new CelLowering(kind, others, texts, budget, ast).condition();
          condition = allows ? Condition.and(condition, other) : Condition.or(condition, other);
        }
        conditions.add(AddressVariables.ifGiven(kind, condition));
      }
      return Optional.of(List.copyOf(conditions));
    } catch (Unsupported e) {
      diagnostics.add(
          Diagnostic.error(locate(when, e.line(), e.column()), String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }

  private Optional<CelAbstractSyntaxTree> check(
      Rule.When when,
      List<CallKind> kinds,
      List<Map<String, Variable>> variables,
      Map<String, CelType> types,
      List<Diagnostic> diagnostics) {
    CelCompiler compiler = compilerFor(withConstants(types, when.expression()));
    CelValidationResult parsed = compiler.parse(InFunction.rename(when.expression()));
    if (parsed.hasError()) {
      // what is said of the rest follows from the first mistake
      CelIssue first = parsed.getErrors().getFirst();
      diagnostics.add(Diagnostic.error(locate(when, first), CelSyntax.explain(first.getMessage())));
      return Optional.empty();
    }
    try {
      return Optional.of(compiler.check(parsed.getAst()).getAst());
    } catch (CelValidationException e) {
      var messages = new CelMessages(when.expression(), kinds, variables, types.keySet());
      for (CelIssue issue : e.getErrors()) {
        messages
            .explain(issue.getMessage())
            .map(message -> Diagnostic.error(locate(when, issue), message))
            .ifPresent(diagnostics::add);
      }
      return Optional.empty();
    }
  }

  /// Whether there is a diagnostic that says so, and no more conditions can be compiled.
  public boolean isSpent() {
    return budget.isSpent();
  }

  private static Location locate(Rule.When when, CelIssue issue) {
    return locate(when, issue.getSourceLocation().getLine(), issue.getSourceLocation().getColumn());
  }

  /// CEL counts lines from 1 and columns from 0.
  private static Location locate(Rule.When when, int line, int column) {
    int offset = Math.max(0, column);
    List<String> lines = List.of(when.expression().split("\n", -1));
    for (String before : lines.subList(0, Math.clamp(line - 1, 0, lines.size() - 1))) {
      offset += before.codePointCount(0, before.length()) + 1;
    }
    return when.locationOf(offset);
  }

  private Map<String, CelType> typesInAll(List<Map<String, Variable>> variables) {
    var types = new LinkedHashMap<String, CelType>();
    variables.getFirst().forEach((name, variable) -> types.put(name, type(variable)));
    for (Map<String, Variable> each : variables) {
      types
          .entrySet()
          .removeIf(entry -> {
            Variable other = each.get(entry.getKey());
            return other == null || !type(other).equals(entry.getValue());
          });
    }
    types.keySet().removeIf(name -> name.startsWith("args["));
    types.put("args", ListType.create(SimpleType.DYN));
    for (String name : List.of("id", "bundle", "namespace", "pod", "name", "image")) {
      types.put("container." + name, SimpleType.STRING);
    }
    types.put("container.annotations", MapType.create(SimpleType.STRING, SimpleType.STRING));
    vars.keySet().forEach(name -> types.put("vars." + name, SimpleType.STRING));
    return types;
  }

  /// There are too many constants to declare them all each time.
  private static Map<String, CelType> withConstants(Map<String, CelType> types, String expression) {
    var all = new LinkedHashMap<>(types);
    Matcher matcher = CONSTANT.matcher(expression);
    while (matcher.find()) {
      if (Constants.names().contains(matcher.group())) {
        all.put(matcher.group(), SimpleType.INT);
      }
    }
    return all;
  }

  private static CelType type(Variable variable) {
    return switch (variable) {
      case Variable.OfText _ -> SimpleType.STRING;
      case Variable.OfNumber _ -> SimpleType.INT;
      case Variable.OfTruth _ -> SimpleType.BOOL;
      case Variable.OfAddress _ -> AddressVariables.TYPE;
    };
  }

  private CelCompiler compilerFor(Map<String, CelType> types) {
    return compilers.computeIfAbsent(
        types,
        key -> {
          var builder =
              CelCompilerFactory.standardCelCompilerBuilder()
                  .setOptions(CelOptions.current().build())
                  .setStandardEnvironmentEnabled(false)
                  .setStandardDeclarations(OPERATORS)
                  .addFunctionDeclarations(
                      CelFunctionDecl.newFunctionDeclaration(
                          "glob", member("glob", SimpleType.STRING)),
                      CelFunctionDecl.newFunctionDeclaration(
                          "under", member("under", SimpleType.STRING)),
                      CelFunctionDecl.newFunctionDeclaration(
                          "above", member("above", SimpleType.STRING)),
                      CelFunctionDecl.newFunctionDeclaration(
                          "has",
                          CelOverloadDecl.newMemberOverload(
                              "has_int", SimpleType.BOOL, SimpleType.INT, SimpleType.INT)),
                      CelFunctionDecl.newFunctionDeclaration(
                          "math.bitAnd",
                          CelOverloadDecl.newGlobalOverload(
                              "bit_and_int", SimpleType.INT, SimpleType.INT, SimpleType.INT)));
          if (key.containsKey(AddressVariables.NAME)) {
            builder.addFunctionDeclarations(AddressVariables.inFunction());
          }
          key.forEach(builder::addVar);
          return builder.build();
        });
  }

  private static CelOverloadDecl member(String name, CelType argument) {
    return CelOverloadDecl.newMemberOverload(
        name + "_string", SimpleType.BOOL, SimpleType.STRING, argument);
  }
}
