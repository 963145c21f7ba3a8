/// Mounts, by mount(2) and by the calls of Linux 5.2 and later.
package dev.sluice.supervisor.handler.mount;
