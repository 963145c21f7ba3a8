# Makes the table from lines
#
#	row ROW PROGRAM POLICY GOAL WHAT...
#	sample ROW ROUND native|POLICY MICROSECONDS
#	less PROGRAM GOAL WHAT...			the time that the row of policy "strace" adds, by that of "audited"
#
# or JSON lines if `form` is "json". A ratio is one of two runs of the same round; every figure is a median over the rounds, and
# the spread half the distance between the quartiles of the ratio.

BEGIN {
	rows = lesses = 0
}

$1 == "row" {
	name[rows] = $2
	of[$3, $4] = $2
	goal[rows] = $5
	what[rows] = $6
	for (i = 7; i <= NF; i++)
		what[rows] = what[rows] " " $i
	rows++
}

$1 == "less" {
	program[lesses] = $2
	less_goal[lesses] = $3
	less_what[lesses] = $4
	for (i = 5; i <= NF; i++)
		less_what[lesses] = less_what[lesses] " " $i
	lesses++
}

$1 == "sample" {
	micros[$2, $3, $4 == "native" ? "native" : "ours"] = $5
}

function quantile(values, q,    i, j, value) {
	for (i = 2; i <= rounds; i++) {
		value = values[i]
		for (j = i - 1; j >= 1 && values[j] > value; j--)
			values[j + 1] = values[j]
		values[j + 1] = value
	}
	return values[1 + int(q * (rounds - 1) + 0.5)]
}

function median(row, who,    round, values) {
	for (round = 1; round <= rounds; round++)
		values[round] = micros[row, round, who] / 1000
	return quantile(values, 0.5)
}

function summarize(row,    round, values) {
	native = median(row, "native")
	ours = median(row, "ours")
	for (round = 1; round <= rounds; round++)
		values[round] = micros[row, round, "ours"] / micros[row, round, "native"]
	ratio = quantile(values, 0.5)
	spread = (quantile(values, 0.75) - quantile(values, 0.25)) / 2
}

function added(row, round) {
	return micros[row, round, "ours"] - micros[row, round, "native"]
}

function summarize_less(program,    round, values) {
	for (round = 1; round <= rounds; round++)
		values[round] = added(of[program, "strace"], round) / added(of[program, "audited"], round)
	ratio = quantile(values, 0.5)
	spread = (quantile(values, 0.75) - quantile(values, 0.25)) / 2
}

END {
	split(load, loads, " ")
	if (form == "json")
		printf "{\"kernel\":\"%s\",\"cores\":%d,\"load_before\":%s,\"load_after\":%s,\"rounds\":%d}\n",
			kernel, cores, loads[1], loads[2], rounds
	else
		printf "Linux %s, %d cores, load %s before and %s after; %d rounds; milliseconds\n\n%-40s %10s %10s %8s %6s  %s\n",
			kernel, cores, loads[1], loads[2], rounds, "", "natively", "supervised", "ratio", "+-", "goal"
	for (i = 0; i < rows; i++) {
		summarize(name[i])
		met = goal[i] == "-" || ratio <= goal[i]
		if (form == "json")
			printf "{\"row\":\"%s\",\"native_ms\":%.2f,\"ours_ms\":%.2f,\"ratio\":%.3f,\"spread\":%.3f,\"goal\":%s,\"met\":%s}\n",
				what[i], native, ours, ratio, spread, goal[i] == "-" ? "null" : goal[i],
				goal[i] == "-" ? "null" : met ? "true" : "false"
		else
			printf "%-40s %10.1f %10.1f %6.2f x %6.2f  %s\n", what[i], native, ours, ratio, spread,
				goal[i] == "-" ? "" : sprintf("at most %s%s", goal[i], met ? "" : ", missed")
	}
	for (i = 0; i < lesses; i++) {
		summarize_less(program[i])
		met = ratio >= less_goal[i]
		if (form == "json")
			printf "{\"row\":\"%s\",\"ratio\":%.3f,\"spread\":%.3f,\"goal\":%s,\"met\":%s}\n",
				less_what[i], ratio, spread, less_goal[i], met ? "true" : "false"
		else
			printf "%-62s %6.2f x %6.2f  at least %s%s\n", less_what[i], ratio, spread, less_goal[i], met ? "" : ", missed"
	}
}
