/// What becomes of a call that somebody asks about.
@NullMarked
package dev.sluice.agent.explain;

import org.jspecify.annotations.NullMarked;
