/// Calls that change the file system, by the name of a file.
package dev.sluice.supervisor.handler.modify;
