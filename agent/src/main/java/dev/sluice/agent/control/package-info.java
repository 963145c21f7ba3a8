/// How a running agent is looked at and told what to do: an HTTP API, and what asks it.
@NullMarked
package dev.sluice.agent.control;

import org.jspecify.annotations.NullMarked;
