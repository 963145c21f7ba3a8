/*
 * What the native programs and the supervisor say to each other over SOCK_SEQPACKET sockets, one struct a message.
 * Host byte order: a notify fd cannot leave its kernel, so neither can these messages.
 * The Java side is in dev.sluice.supervisor.launch and dev.sluice.supervisor.worker.
 */
#ifndef SLUICE_PROTOCOL_H
#define SLUICE_PROTOCOL_H

#include <linux/filter.h>
#include <stdint.h>

#define SLUICE_PROTOCOL 0x736c7531u /* "slu1": refuse any other */

/*
 * launcher -> supervisor, first: random numbers that will be in the registers of three more arguments than execve(2) has. A
 * filter may deny that call and let just this one pass. The filter stays with the command, so nobody whose memory that could
 * read may still know the key when the command begins.
 */
struct hello {
	uint32_t protocol;
	uint32_t unused;
	uint64_t key[3];
};

/* seccomp(2): at most BPF_MAXINSNS instructions a filter */
#define PLAN_MAX_INSNS 4096

enum plan_flags {
	PLAN_LISTENER = 1,	/* install with NEW_LISTENER and hand the fd over */
	PLAN_WAIT_KILLABLE = 2, /* and with WAIT_KILLABLE_RECV (5.19) */
	PLAN_NO_NEW_PRIVS = 4,	/* set no_new_privs first */
	PLAN_MAY_FUTEX = 8,	/* the filter leaves futex(2) alone, so waiting need not spin */
	PLAN_ABORT = 32,	/* do not launch: say the text in the place of the instructions, if any, and exit with `status` */
};

/* supervisor -> launcher, once */
struct plan {
	uint32_t protocol;
	uint32_t flags;
	uint32_t argv_offset; /* the command begins at this argument of the launcher's own argv */
	uint32_t status;
	uint32_t insn_count;
	struct sock_filter insns[PLAN_MAX_INSNS];
};

enum report_stage {
	REPORT_LISTENING = 1, /* the filter is on; with the notify fd if there is one */
	REPORT_NO_COMMAND,    /* error: why the command cannot be executed */
	REPORT_NO_NEW_PRIVS,  /* error: prctl(PR_SET_NO_NEW_PRIVS) failed */
	REPORT_INSTALL,	      /* error: seccomp(2) failed */
	REPORT_HELPER,	      /* error: the helper thread could not be started */
};

/* launcher -> supervisor, once */
struct report {
	uint32_t protocol;
	uint32_t stage;
	int32_t error;
};

/* supervisor -> launcher, once, after REPORT_LISTENING: execute the command, or exit with `status` */
struct verdict {
	uint32_t protocol;
	uint32_t go;
	uint32_t status;
};

enum front_event {
	FRONT_LAUNCHER = 1, /* value: the pid that is to become the command; before anything else */
	FRONT_STARTED,	    /* the command is about to be executed; sent back once its key is forgotten */
	FRONT_ENDED,	    /* value: its wait status; every record is written */
	FRONT_BECOME,	    /* nobody is needed: become the command by the plan that follows; the supervisor ends */
};

/* supervisor -> sluice-run, and FRONT_STARTED back */
struct front_message {
	uint32_t protocol;
	uint32_t event;
	uint32_t value;
};

/*
 * A batch of system calls for sluice-worker. Arguments point into one blob that travels both ways, so that it carries
 * the strings in and the buffers out.
 */
#define BATCH_MAX_CALLS 32
#define BATCH_MAX_FDS 16
#define BATCH_MAX_BLOB 73728 /* the longest datagram of IP, and what goes with it */

enum argument_kind {
	ARG_VALUE,  /* the value itself */
	ARG_BLOB,   /* the address of blob[value] */
	ARG_FD,	    /* the value-th fd that came with the request */
	ARG_RESULT, /* the result of the value-th call of this batch */
};

enum call_flags {
	CALL_FD = 1,	    /* the result is an fd: closed when the batch is over */
	CALL_SEND = 2,	    /* and sent back with the reply */
	CALL_MAY_FAIL = 4,  /* go on after an error */
};

enum batch_flags {
	BATCH_FORK = 1, /* in a child of the worker, which ends with the batch */
};

/*
 * In place of a call: stores argument 1 in the blob, at argument 0 (ARG_BLOB); argument 2 is its size in bytes. So that
 * structs in the blob can point to others, and hold the numbers of our fds.
 */
#define BATCH_STORE 0xffffffffu

struct batch_call {
	uint32_t nr;
	uint32_t flags;
	uint8_t kind[8]; /* six used */
	uint64_t arg[6];
};

/* A directory, as statx(2) tells it from others. */
struct batch_root {
	uint64_t mount; /* 0 for none */
	uint64_t device;
	uint64_t inode;
};

struct batch_request {
	uint32_t protocol;
	uint32_t flags;
	uint32_t call_count;
	uint32_t blob_size;
	struct batch_root root; /* without which no call is made */
	struct batch_call calls[BATCH_MAX_CALLS];
	/* blob_size bytes of blob follow calls[call_count] on the wire */
};

/*
 * Ahead of the reply, with the fds that are sent back, if any. Once the reply is there we have closed them: the target may
 * go on then, and would find a program it has just written busy.
 */
struct batch_fds {
	uint32_t protocol;
};

/*
 * In the place of that, without the fds, where none may be sent (ETOOMANYREFS): as many of our user's are on their way already, and who put
 * them there may be anybody with that user id. The supervisor fetches them by these numbers (pidfd_getfd(2)), and sends a struct batch_fds
 * back when it has, or cannot.
 */
struct batch_numbers {
	uint32_t protocol;
	uint32_t count;
	uint32_t of_child; /* whether they are of the child that makes the calls: the youngest of the worker */
	int32_t fd[BATCH_MAX_FDS];
};

struct batch_reply {
	uint32_t protocol;
	uint32_t done;	  /* calls made; less than call_count after an error, and 0 if our root is another */
	int64_t result[BATCH_MAX_CALLS]; /* -errno on error */
	/* the blob follows on the wire */
};

#endif
