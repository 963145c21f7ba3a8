# Part of tests/soak/run: what is done for unprivileged containers.

containers() {
	local count=${1:-10000} supervisor line half done
	mkfifo go gone
	mkdir -p root
	cat >many <<-END
		for i in \$(seq $((count / 2))); do
			"$programs/container" root sh -c 'mknod /tmp/a c 1 3 && mknod /dev/b c 1 5 && [ -c /tmp/a ] && [ -c /dev/b ]' || exit
			n=\$((n + 1))
		done
		echo \$n
	END
	# the first half lets everything grow to its size
	"$root/sluice" run --policy "$root/policies/unprivileged-container.yaml" -- bash -c '. ./many >gone; read <go; . ./many >gone; read <go' &
	read -r half <gone
	supervisor=$(pgrep -o -P $!)
	line=$(of_supervisor "$supervisor")
	echo >go
	read -r done <gone
	echo "containers: started=${done:-0} of $count; KiB, descriptors, workers, threads of the supervisor after ${half:-0}: $line, at the end:" \
		"$(of_supervisor "$supervisor")"
	echo >go
	wait
	[ "${done:-0}" = "$((count / 2 * 2))" ] || lost "containers: one could not be started"
}

devices() {
	local count=${1:-100000} supervisor line half done
	mkfifo go gone
	mkdir -p root
	"$root/sluice" run --policy "$root/policies/unprivileged-container.yaml" -- \
		"$programs/container" -b "$programs" root "$programs/mknods" restart $((count / 2)) $((count / 2)) <go >gone &
	exec 3>go 4<gone
	read -r half <&4
	supervisor=$(pgrep -o -P $!)
	line=$(of_supervisor "$supervisor")
	echo >&3
	read -r done <&4
	echo "devices: KiB, descriptors, workers, threads of the supervisor after half: $line, at the end: $(of_supervisor "$supervisor"); $done"
	exec 3>&- 4<&-
	wait
	[[ $half$done == *" failed=0 doubled=0 lost=0 "*" failed=0 doubled=0 lost=0 "* ]] || lost "devices: a call was lost, or done twice"
}

# Runs a program in a container, with option $1 or none, under the policy.
in_container() {
	local option=$1
	shift
	"$root/sluice" run --policy "$root/policies/unprivileged-container.yaml" -- \
		"$programs/container" ${option:+"$option"} -b "$programs" root "$programs/$1" "${@:2}"
}

replies() {
	local count=${1:-1000} line
	mkdir -p root
	line=$(in_container '' replies 200 "$count")
	echo "replies: $line"
	[[ $line == *" calls=$((200 * count)) wrong=0" ]] || lost "replies: one was lost, or went to another thread"
}

workers() {
	local seconds=${1:-120} line option
	mkdir -p root
	for option in '' -p; do
		# workers that are killed are told of on standard error
		line=$(in_container "$option" workers $((seconds / 4)) 2>errors)
		echo "workers, pid namespace $([ -z "$option" ] && echo of its own || echo shared): $line"
		[[ $line == *" wins=0 "*" lost=0" ]] || lost "workers: $(grep won errors)"
	done
	line=$(in_container '' swaps $((seconds / 8)))
	echo "$line" | sed 's/^/workers, /'
	[ "$(tail -1 <<<"$line" | number wins)" -eq 0 ] || lost "workers: a device was made elsewhere"
	replies $((seconds * 10))
	line=$(in_container '' reuse $((seconds * 10)))
	echo "workers, reuse: $line"
	[ "$(number wins <<<"$line")" -eq 0 ] || lost "workers: another process got something of a call"
}

mounts() {
	local seconds=${1:-36} mode line native
	mkdir tree images container
	mknod -m 666 tree/null c 1 3
	truncate -s 4M images/image
	mkfs.ext4 -q -d tree images/image
	cat >mounts.yaml <<-END
		sluice: v1
		rules:
		  - { on: mount, when: target.under('/root/work/denied'), deny: EACCES }
		  - { on: fsopen, when: fstype == 'ramfs', deny: EPERM }
		  - { on: [mount, fsopen], when: fstype == 'ext4', emulate: { handler: mount, images: read-only } }
		  - { on: [fsconfig, fsmount, move_mount], emulate: mount }
		  - { on: [mount, fsopen, open_tree, pivot_root], allow: }
	END
	local attack=("$programs/container" -b "$programs" -b "$directory/images" container "$programs/mountraces")
	for mode in swap context flags; do
		native=1
		[ "$mode" = flags ] || native=$("${attack[@]}" "$mode" 1 "$directory/images/image" | number wins)
		line=$("$root/sluice" run --policy mounts.yaml -- "${attack[@]}" "$mode" $((seconds / 3)) "$directory/images/image")
		echo "mounts $mode: $line"
		[ "$native" -gt 0 ] || lost "mounts $mode: the attack does not even win natively"
		[ "$(number wins <<<"$line")" -eq 0 ] || lost "mounts $mode: something was gained"
	done
}
