/// `sluice run`: a command under a policy; and what the agent shares with it.
package dev.sluice.agent.run;
