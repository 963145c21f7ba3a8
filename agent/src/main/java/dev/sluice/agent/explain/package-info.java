/// What becomes of a call that somebody asks about.
package dev.sluice.agent.explain;
