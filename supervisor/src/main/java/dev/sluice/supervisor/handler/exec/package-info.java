/// Executing a program.
package dev.sluice.supervisor.handler.exec;
