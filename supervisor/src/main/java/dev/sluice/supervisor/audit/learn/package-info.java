/// Policies made of what was recorded.
package dev.sluice.supervisor.audit.learn;
