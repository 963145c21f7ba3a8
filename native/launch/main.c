/*
 * sluice-launch SOCKET COMMAND [ARG...]
 *
 * Connects to the supervisor at the Unix socket SOCKET and becomes COMMAND under the filter it sends.
 *
 * sluice-launch --agent[=SOCKET] [--policy NAME] [--] COMMAND [ARG...]
 *
 * The same where the supervisor is a running agent: `sluice run --agent`.
 */
#include "agent.h"
#include "channel.h"
#include "launch.h"
#include "say.h"

#include <string.h>

int main(int argc, char **argv)
{
	if (argc > 1 && strncmp(argv[1], "--", 2) == 0)
		agent_run(argc, argv);
	if (argc < 3)
		die("usage: sluice-launch SOCKET COMMAND [ARG...]");
	int sock = channel_connect(argv[1]);
	if (sock < 0)
		die_errno("connect", argv[1], -sock);
	static struct command command;
	command_init(&command, argc, argv);
	launch(sock, &command);
}
