/// YAML documents with the place of everything in them, for diagnostics.
package dev.sluice.supervisor.policy.yaml;
