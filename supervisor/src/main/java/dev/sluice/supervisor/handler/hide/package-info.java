/// Directories that are listed without the names that a policy hides.
package dev.sluice.supervisor.handler.hide;
