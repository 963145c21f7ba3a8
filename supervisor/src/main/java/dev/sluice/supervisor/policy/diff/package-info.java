/// What two policies make differently: by calls that are thought up, as nobody knows all of them.
package dev.sluice.supervisor.policy.diff;
