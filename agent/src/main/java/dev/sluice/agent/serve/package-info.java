/// `sluice agent`: its options, and the start of its parts.
package dev.sluice.agent.serve;
