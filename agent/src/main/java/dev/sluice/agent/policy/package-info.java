/// `sluice policy`: one class a subcommand.
package dev.sluice.agent.policy;
