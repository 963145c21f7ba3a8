/// What a container has of the machine, by the limits of its cgroups: memory, swap space, CPUs and
/// tasks, and the files of proc(5) that say so.
package dev.sluice.supervisor.machine;
