/// The one door to the kernel: FFM bindings under the names of the man pages.
///
/// Calls return what the kernel returns: a result, or a negative errno. Nothing here allocates on
/// the heap but where a method says so, nothing throws but [SyscallException], and nothing outside
/// this package imports `java.lang.foreign`.
package dev.sluice.supervisor.kernel;
