/// How a running agent is looked at and told what to do: an HTTP API, and what asks it.
package dev.sluice.agent.control;
