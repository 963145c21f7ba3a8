/// Calls that look at a file, or watch it, by its name.
package dev.sluice.supervisor.handler.stat;
