/// Calls that take the address of a socket.
package dev.sluice.supervisor.handler.socket;
