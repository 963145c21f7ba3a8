/// Handlers: what takes over a call when a policy says so, or when letting it continue would be a
/// race. One file a family; plug-ins implement the same interface.
package dev.sluice.supervisor.handler;
