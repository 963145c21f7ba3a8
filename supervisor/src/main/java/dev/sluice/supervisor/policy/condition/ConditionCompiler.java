package dev.sluice.supervisor.policy.condition;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.Rule;
import dev.sluice.supervisor.policy.condition.Variables.Variable;
import dev.sluice.supervisor.target.CallKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes conditions of the `when` of rules: parsed and type-checked by cel-java, then compiled for
/// each call of the rule.
public final class ConditionCompiler {
  private static final Pattern UNDECLARED =
      Pattern.compile("undeclared reference to '([^']*)'.*", Pattern.DOTALL);

  private final Map<String, String> vars;
  private final String home;
  private final Map<Map<String, CelType>, CelCompiler> compilers = new HashMap<>();

  /// @param vars the policy's own constants, `vars.NAME`
  /// @param home what `~` stands for
  public ConditionCompiler(Map<String, String> vars, String home) {
    this.vars = vars;
    this.home = home;
  }

  /// The condition for each of `kinds`, in their order; empty if there is a diagnostic.
  public Optional<List<Condition>> compile(
      Rule.When when, List<CallKind> kinds, List<Diagnostic> diagnostics) {
    var variables = kinds.stream().map(Variables::of).toList();
    Map<String, CelType> types = typesInAll(variables);
    CelAbstractSyntaxTree ast;
    try {
      ast = compilerFor(types).compile(when.expression()).getAst();
    } catch (CelValidationException e) {
      for (CelIssue issue : e.getErrors()) {
        var at =
            locate(
                when, issue.getSourceLocation().getLine(), issue.getSourceLocation().getColumn());
        diagnostics.add(Diagnostic.error(at, explain(issue.getMessage(), kinds, variables, types)));
      }
      return Optional.empty();
    }
    if (!ast.getResultType().equals(SimpleType.BOOL)) {
      diagnostics.add(
          Diagnostic.error(
              when.location(),
              "'when' must be true or false, not a " + ast.getResultType().name()));
      return Optional.empty();
    }
    try {
      var conditions = new ArrayList<Condition>();
      for (int i = 0; i < kinds.size(); i++) {
        var lowering = new CelLowering(kinds.get(i), variables.get(i), vars, home, ast);
        conditions.add(lowering.condition());
      }
      return Optional.of(List.copyOf(conditions));
    } catch (CelLowering.Unsupported e) {
      diagnostics.add(
          Diagnostic.error(locate(when, e.line(), e.column()), String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }

  /// CEL counts lines from 1 and columns from 0.
  private static Location locate(Rule.When when, int line, int column) {
    Location start = when.location();
    return line <= 1
        ? new Location(start.file(), start.line(), start.column() + column)
        : new Location(start.file(), start.line() + line - 1, column + 1);
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
    vars.keySet().forEach(name -> types.put("vars." + name, SimpleType.STRING));
    return types;
  }

  private static CelType type(Variable variable) {
    return switch (variable) {
      case Variable.OfText _ -> SimpleType.STRING;
      case Variable.OfNumber _ -> SimpleType.INT;
      case Variable.OfTruth _ -> SimpleType.BOOL;
    };
  }

  private CelCompiler compilerFor(Map<String, CelType> types) {
    return compilers.computeIfAbsent(
        types,
        key -> {
          var builder =
              CelCompilerFactory.standardCelCompilerBuilder()
                  .setOptions(CelOptions.current().build())
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
                              "has_int", SimpleType.BOOL, SimpleType.INT, SimpleType.INT)));
          key.forEach(builder::addVar);
          Variables.CONSTANTS.keySet().forEach(name -> builder.addVar(name, SimpleType.INT));
          return builder.build();
        });
  }

  private static CelOverloadDecl member(String name, CelType argument) {
    return CelOverloadDecl.newMemberOverload(
        name + "_string", SimpleType.BOOL, SimpleType.STRING, argument);
  }

  private static String explain(
      String message,
      List<CallKind> kinds,
      List<Map<String, Variable>> variables,
      Map<String, CelType> types) {
    Matcher matcher = UNDECLARED.matcher(message);
    if (!matcher.matches()) {
      return message.lines().findFirst().orElse(message);
    }
    String name = matcher.group(1);
    for (int i = 0; i < kinds.size(); i++) {
      if (variables.stream().anyMatch(each -> each.containsKey(name))
          && !variables.get(i).containsKey(name)) {
        return kinds.get(i).name() + " has no '" + name + "', which other calls of this rule have";
      }
    }
    return "unknown name '" + name + "'; here are " + String.join(", ", types.keySet());
  }
}
