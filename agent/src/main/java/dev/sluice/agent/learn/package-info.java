/// `sluice learn`: a policy from what a command does.
package dev.sluice.agent.learn;
