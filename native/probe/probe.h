/*
 * What this kernel lets this user do, found out by doing it. Each probe returns 0 if it works, a positive number where
 * a number is the answer, or -errno.
 */
#ifndef SLUICE_PROBE_H
#define SLUICE_PROBE_H

/* The user notification of seccomp(2); listener.c */
long probe_user_notif(void);	 /* a call is notified and answered (5.0) */
long probe_continue(void);	 /* SECCOMP_USER_NOTIF_FLAG_CONTINUE (5.5) */
long probe_addfd(void);		 /* SECCOMP_IOCTL_NOTIF_ADDFD (5.9) */
long probe_addfd_send(void);	 /* with SECCOMP_ADDFD_FLAG_SEND (5.14) */
long probe_wait_killable(void);	 /* WAIT_KILLABLE_RECV (5.19): answers survive a storm of signals */
long probe_sync_wake_up(void);	 /* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (6.6) */
long probe_read_memory(void);	 /* process_vm_readv(2) of a child */

/* Everything else; host.c */
long probe_pidfd_thread(void);	 /* pidfd_open(2) of a thread (6.9) */
long probe_openat2(void);	 /* RESOLVE_IN_ROOT | RESOLVE_CACHED (5.12) */
long probe_landlock(void);	 /* ABI version */
long probe_peer_pidfd(void);	 /* SO_PEERPIDFD of unix(7) (6.5) */
long probe_user_namespace(void); /* unshare(CLONE_NEWUSER) */
long probe_trace(void);		 /* PTRACE_SEIZE of a child */
long probe_yama(void);		 /* ptrace_scope; 0 without Yama */
long probe_seccomp_mode(void);	 /* Seccomp: of /proc/self/status */

#endif
