/// What outlives the agent: listeners and sockets that systemd or `sluice-keeper` holds.
package dev.sluice.agent.keeper;
