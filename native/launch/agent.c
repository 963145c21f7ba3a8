#include "agent.h"

#include "channel.h"
#include "launch.h"
#include "say.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { USAGE = 2 };

static const char usage[] = "it is 'sluice run --agent[=SOCKET] [--policy NAME] -- COMMAND [ARG...]'";
static const char agent_option[] = "--agent", policy_option[] = "--policy";

struct request {
	const char *socket;
	const char *policy; /* its name; empty for the agent to choose */
	char **command;
	int count;
};

static noreturn void misused(const char *option, const char *what)
{
	dprintf(2, "sluice: %s %s; %s\n", option, what, usage);
	exit(USAGE);
}

/* The value of `--name=value` or `--name value`, which is then argv[*at]; NULL if argv[*at] is another option. */
static const char *value_of(const char *name, int argc, char **argv, int *at)
{
	size_t length = strlen(name);

	if (strncmp(argv[*at], name, length) != 0)
		return NULL;
	if (argv[*at][length] == '=')
		return argv[*at] + length + 1;
	if (argv[*at][length] != '\0')
		return NULL;
	if (++*at == argc)
		misused(name, "needs a value");
	return argv[*at];
}

static struct request read_request(int argc, char **argv)
{
	struct request request = { .socket = "/run/sluice/agent.sock", .policy = "" };
	int at = 1;

	for (; at < argc && argv[at][0] == '-'; at++) {
		if (strcmp(argv[at], "--") == 0) {
			at++;
			break;
		}
		if (strcmp(argv[at], agent_option) == 0)
			continue;
		if (strncmp(argv[at], "--agent=", 8) == 0) {
			request.socket = argv[at] + 8;
			continue;
		}
		const char *policy = value_of(policy_option, argc, argv, &at);
		if (!policy)
			misused(argv[at], "does not go with --agent: records, plug-ins and the rest are the agent's");
		request.policy = policy;
	}
	request.command = argv + at;
	request.count = argc - at;
	if (request.count == 0)
		misused("COMMAND", "is missing");
	return request;
}

/* How many bytes the character at `c` has in UTF-8 (RFC 3629); 0 if it is none. */
static size_t utf8_length(const unsigned char *c)
{
	size_t length = *c < 0x80 ? 1 : *c < 0xc2 ? 0 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : *c < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < length; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	/* in more bytes than it needs, a surrogate, or beyond U+10FFFF */
	if ((*c == 0xe0 && c[1] < 0xa0) || (*c == 0xed && c[1] > 0x9f) || (*c == 0xf0 && c[1] < 0x90) ||
	    (*c == 0xf4 && c[1] > 0x8f))
		return 0;
	return length;
}

/* JSON is UTF-8; names are any bytes. */
static void put_text(FILE *json, const char *text)
{
	fputc('"', json);
	for (const unsigned char *c = (const unsigned char *)text; *c;) {
		size_t length = utf8_length(c);
		if (length == 0)
			fputc('?', json);
		else if (*c == '"' || *c == '\\' || *c < ' ')
			fprintf(json, "\\u%04x", *c);
		else
			fwrite(c, 1, length, json);
		c += length ? length : 1;
	}
	fputc('"', json);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* What a runtime would say of a container (config-linux.md, containerprocessstate), but that a launcher comes in place of a listener. */
static char *state_of(const struct request *request)
{
	char *text = NULL;
	size_t size = 0;
	uint32_t random;

	if (getrandom(&random, sizeof random, 0) != sizeof random)
		die_errno("getrandom", NULL, errno);
	FILE *json = open_memstream(&text, &size);
	if (!json)
		die_errno("open_memstream", NULL, errno);
	fputs("{\"ociVersion\":\"1.0.2\",\"fds\":[\"sluiceLauncher\"],\"metadata\":", json);
	put_text(json, request->policy);
	fprintf(json, ",\"state\":{\"ociVersion\":\"1.0.2\",\"id\":\"run-%d-%08x\",\"annotations\":{\"dev.sluice.command\":",
		(int)getpid(), (unsigned)random);
	put_text(json, base_name(request->command[0]));
	fputs("}}}", json);
	if (fclose(json) != 0)
		die_errno("fclose", NULL, errno);
	return text;
}

static noreturn void fail(const char *call, const char *socket, int error)
{
	dprintf(2, "sluice: the agent at \"%s\": %s: %s (%s)\n", socket, call, strerrorname_np(error), strerror(error));
	exit(EXIT_SLUICE);
}

/* Gives the agent one end of a pair, and returns the other. */
static int hand_over(const struct request *request)
{
	int agent = channel_connect_stream(request->socket);
	if (agent < 0)
		fail("connect", request->socket, -agent);
	int rc = channel_check_peer(agent);
	if (rc < 0)
		fail("SO_PEERCRED", request->socket, -rc);
	int pair[2];
	rc = channel_pair(pair);
	if (rc < 0)
		die_errno("socketpair", NULL, -rc);
	char *state = state_of(request);
	struct iovec iov = { state, strlen(state) };
	rc = channel_send(agent, &iov, 1, &pair[1], 1);
	if (rc == -EPIPE || rc == -ECONNRESET)
		launch_not_taken(request->socket); /* before it heard what we want */
	if (rc < 0)
		fail("sendmsg", request->socket, -rc);
	free(state);
	close(pair[1]);
	close(agent);
	return pair[0];
}

noreturn void agent_run(int argc, char **argv)
{
	static struct command command;
	struct request request = read_request(argc, argv);

	command_init(&command, request.count, request.command);
	launch_by_agent(request.socket, hand_over(&request), &command);
}
