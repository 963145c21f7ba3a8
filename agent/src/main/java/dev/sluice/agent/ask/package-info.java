/// What asks a running agent: `sluice ps`, `top`, `status`, `reload` and others.
package dev.sluice.agent.ask;
