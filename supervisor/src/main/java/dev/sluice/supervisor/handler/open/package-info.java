/// Opening files: as they are, only to be read, others, or what a policy serves.
package dev.sluice.supervisor.handler.open;
