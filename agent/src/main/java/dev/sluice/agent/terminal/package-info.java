/// What all commands say, and how they end.
package dev.sluice.agent.terminal;
