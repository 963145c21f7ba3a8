/// The command line: one class a subcommand.
package dev.sluice.agent;
