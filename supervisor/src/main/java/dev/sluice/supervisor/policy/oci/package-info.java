/// The front end for OCI seccomp profiles: their dialects of JSON are read, and mean exactly what
/// libseccomp makes of them.
package dev.sluice.supervisor.policy.oci;
