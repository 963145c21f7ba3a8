/// Which of several policies a container is under.
package dev.sluice.supervisor.policy.choice;
