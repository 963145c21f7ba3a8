package dev.sluice.agent.policy;

import picocli.CommandLine.Command;

/// `sluice policy`: everything about policies that needs no command to run.
@Command(
    name = "policy",
    description = "Checks, explains and tests policies. Needs no privileges, and no seccomp.",
    subcommands = {
      PolicyCheckCommand.class,
      PolicyExplainCommand.class,
      PolicyTestCommand.class,
      PolicyCompileCommand.class,
      PolicyDiffCommand.class,
      PolicyFmtCommand.class,
      PolicySchemaCommand.class
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
public final class PolicyCommand {}
