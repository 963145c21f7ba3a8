/// The command line: each family of subcommands has a package.
package dev.sluice.agent;
