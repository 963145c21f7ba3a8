/// The supervisor's side of `sluice-launch`: the filter goes there, the notify fd comes back. See
/// native/common/protocol.h.
package dev.sluice.supervisor.launch;
