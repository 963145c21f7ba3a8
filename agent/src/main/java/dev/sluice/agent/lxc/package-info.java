/// How LXC passes on calls (lxc.container.conf(5), `lxc.seccomp.notify.proxy`): its monitor
/// receives them, sends each with descriptors to a SOCK_SEQPACKET socket, and waits for what it is
/// to answer.
package dev.sluice.agent.lxc;
