/// Which of several policies a container is under.
@NullMarked
package dev.sluice.supervisor.policy.choice;

import org.jspecify.annotations.NullMarked;
