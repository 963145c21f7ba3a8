/// `sluice log` and `sluice replay`: what is asked of records.
package dev.sluice.agent.log;
