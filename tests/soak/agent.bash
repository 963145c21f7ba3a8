# Part of tests/soak/run: an agent that is killed, flooded, or has many containers.

# The lines of the keeper's output so far that contain $1.
said() {
	grep -c "$1" agent.log || true
}

# Waits until the keeper has said $1 more than $2 times.
await() {
	local i
	for ((i = 0; i < 6000; i++)); do
		[ "$(said "$1")" -le "$2" ] || return 0
		kill -0 "$keeper" || break
		sleep 0.02
	done
	lost "the agent does not start: $(tail -3 agent.log)"
}

# Starts an agent under policy $1, with options, if any: `keeper`, whose output is agent.log.
start_agent() {
	"$root/sluice" agent --policy "$1" --socket "$directory/agent.sock" "${@:2}" 2>agent.log &
	keeper=$!
	await listening 0
}

# The next line of what the program $1 says, which goes on when it reads a line of ours.
next_line() {
	local line
	read -r line <&4 || lost "$1 has ended: $(tail -3 agent.log)"
	echo "$line"
}

floods() {
	local seconds=${1:-60} commands=${CONTAINERS:-200} keeper line other
	look_at_everything
	start_agent look.yaml --audit /dev/null
	mkfifo go gone
	# rounds of a second, in which each of the others makes ten calls
	"$root/sluice" jvm "$root/tests/soak/Listeners.java" "$programs" file "$commands" 10 1 "$((seconds / 2))" \
		"$root/native/target/bin/sluice-launch" "--agent=$directory/agent.sock" -- <go >gone &
	exec 3>go 4<gone
	line=$(next_line floods)
	other=$(next_line floods)
	echo "floods: commands=$commands; KiB, descriptors, workers, threads of the agent: $(of_supervisor "$keeper")"
	echo >&3
	exec 3>&- 4<&-
	wait $!
	kill "$keeper" && wait
	printf 'floods, the others %s\n' "$line" "$other"
}

restarts() {
	local count=${1:-1000} containers=${CONTAINERS:-20} keeper i before ended who line calls=0 wrong=0
	cat >restarts.yaml <<-END
		sluice: v1
		rules:
		  - { on: ["@open", "@modify"], when: path.glob("/nowhere/**"), deny: EACCES }
		  - { on: "@connect", when: address.in("127.0.0.2"), deny: EACCES }
		  - { on: mount, when: target.under("/nowhere"), deny: EACCES }
	END
	mkdir -m 777 work && mkfifo go
	"$root/sluice" agent --keep --policy restarts.yaml --socket "$directory/agent.sock" 2>agent.log &
	keeper=$!
	await listening 0
	exec 3<>go
	for ((i = 0; i < containers; i++)); do
		who=$([ $((i % 4)) -eq 0 ] && echo ours || echo theirs)
		"$programs/restarts" "$directory/agent.sock" work "container-$i" "$who" <go >"out-$i" 2>"err-$i" 3>&- &
	done
	for ((i = 0; i < containers; i++)); do
		until grep -q going "out-$i"; do
			sleep 0.02
			[ ! -s "err-$i" ] || lost "restarts: $(cat "err-$i")"
		done
	done
	for ((i = 0; i < count; i++)); do
		before=$(said listening) ended=$(said 'signal 9')
		until pkill -KILL -o -P "$keeper" java; do sleep 0.02; done
		await 'signal 9' "$ended"
		if ((i % 2)); then
			await listening "$before"
			sleep 0.0$((RANDOM % 10))
		else
			sleep "$((RANDOM % 4)).$((RANDOM % 10))"
		fi
	done
	await listening "$before"
	echo >&3
	for ((i = 0; i < containers; i++)); do
		until grep -q calls= "out-$i"; do
			sleep 0.02
			kill -0 "$keeper"
		done
		line=$(tail -1 "out-$i")
		calls=$((calls + $(number calls <<<"$line")))
		[[ $line == *" failed=0 doubled=0 lost=0" ]] || { wrong=$((wrong + 1)) && sed "s/^/container $i: $line: /" "err-$i"; }
	done
	kill "$keeper" && wait "$keeper"
	echo "restarts: containers=$containers killed=$(said 'signal 9') calls=$calls"
	[ "$wrong" -eq 0 ] || lost "restarts: $wrong containers noticed"
}

starts() {
	local count=${1:-10000} staying=${CONTAINERS:-200} keeper when line
	cat >starts.yaml <<-END
		sluice: v1
		rules:
		  - { on: getppid, return: 4711 }
		  - { on: "@open", when: path.glob("/nowhere/**"), deny: EACCES }
	END
	mkfifo go gone
	start_agent starts.yaml
	"$programs/starts" "$directory/agent.sock" "$count" 4 "$staying" 32 <go >gone &
	exec 3>go 4<gone
	for when in half all ended; do
		line=$(next_line starts)
		# it notices by itself that nobody is left
		while [ "$when" = ended ] && [ -n "$(find "/proc/$keeper/fd" -lname '*seccomp notify*' 2>/dev/null)" ]; do sleep 0.02; done
		echo "starts: containers=$count staying=$staying, $line; KiB, descriptors, workers, threads of the agent:" \
			"$(of_supervisor "$keeper")"
		echo >&3
	done
	exec 3>&- 4<&-
	wait $!
	kill "$keeper" && wait
	[ "$(number failed <<<"$line")" -eq 0 ] || lost "starts: a call failed: $(tail -3 agent.log)"
}
