/// Classic BPF as seccomp(2) runs it: assemble, disassemble, simulate. Plain Java, no kernel
/// needed.
package dev.sluice.supervisor.bpf;
