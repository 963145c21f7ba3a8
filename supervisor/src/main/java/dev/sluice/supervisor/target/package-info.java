/// The calling task and its call: memory, credentials, namespaces, pinned paths.
///
/// A [dev.sluice.supervisor.target.Call] copies what it needs of the target once. A path is not a
/// string here but an object that is held: whoever decides on it and whoever performs the call mean
/// the same file.
package dev.sluice.supervisor.target;
