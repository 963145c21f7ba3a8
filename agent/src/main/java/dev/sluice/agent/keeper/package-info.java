/// What outlives the agent: listeners and sockets that systemd or `sluice-keeper` holds.
@NullMarked
package dev.sluice.agent.keeper;

import org.jspecify.annotations.NullMarked;
