# Makes the table from lines
#
#	row ROW OURS OTHER ratio|difference|speedup GOAL WHAT...
#	sample ROW ROUND ours|other P50 P99	of one contender in one round, in nanoseconds
#	allocated CALL BYTES			for one notification
#	executed ours|libseccomp MEAN WORST SIZE	instructions of a filter
#	jmh BENCHMARK NANOSECONDS ERROR BYTES
#
# or JSON lines if `form` is "json". `missing` says why there is nothing of libseccomp. Every figure is a median over the rounds. What is compared is computed in each round,
# where both contenders had the same machine; the spread is half the distance between its quartiles.

$1 == "row" {
	ours[$2] = $3
	other[$2] = $4
	how[$2] = $5
	goal[$2] = $6
	what[rows+0] = $7
	for (i = 8; i <= NF; i++)
		what[rows+0] = what[rows+0] " " $i
	rows++
}

$1 == "sample" {
	p50[$2, $3, $4] = $5
	p99[$2, $3, $4] = $6
}

$1 == "allocated" {
	allocated[calls++] = $2
	bytes[$2] = $3
}

$1 == "executed" {
	executed["mean", $2] = $3
	executed["worst", $2] = $4
}

$1 == "jmh" {
	nanoseconds[$2] = $3
	error[$2] = $4
	allocations[$2] = $5
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

function median(of, row, who,    round, values) {
	for (round = 1; round <= rounds; round++)
		values[round] = of[row, round, who]
	return quantile(values, 0.5)
}

function compare(row, a, b) {
	return how[row] == "ratio" ? a / b : how[row] == "speedup" ? b / a : a - b
}

function is_met(row) {
	return goal[row] == "-" || (how[row] == "speedup" ? compared >= goal[row] : compared <= goal[row])
}

function summarize(row,    round, values) {
	for (round = 1; round <= rounds; round++)
		values[round] = compare(row, p50[row, round, "ours"], p50[row, round, "other"])
	compared = quantile(values, 0.5)
	spread = (quantile(values, 0.75) - quantile(values, 0.25)) / 2
}

function cell(row, value) {
	return how[row] == "difference" ? sprintf("%+.1f ns", value) : sprintf("%.2f x", value)
}

function is_missing(row) {
	return other[row] == "libseccomp" && missing != ""
}

function print_table(    row, i) {
	printf "Linux %s, %d cores, load %s before and %s after; %d rounds of %d calls; nanoseconds a call\n\n",
		kernel, cores, loads[1], loads[2], rounds, samples
	printf "%-42s  %-13s %8s %8s  %8s %8s  %9s %9s  %s\n", "", "compared with", "p50", "p99", "ours p50", "p99",
		"compared", "+-", "goal"
	for (row = 0; row < rows; row++) {
		if (is_missing(row)) {
			printf "%-42s  not measured: %s\n", what[row], missing
			continue
		}
		summarize(row)
		printf "%-42s  %-13s %8.0f %8.0f  %8.0f %8.0f  %9s %9s  %s\n", what[row], other[row],
			median(p50, row, "other"), median(p99, row, "other"), median(p50, row, "ours"), median(p99, row, "ours"),
			cell(row, compared), cell(row, spread), goal[row] == "-" ? "" : \
			sprintf("%s %s%s", how[row] == "speedup" ? "at least" : "at most", goal[row], is_met(row) ? "" : ", missed")
	}
	print ""
	print_executed_line("mean")
	print_executed_line("worst")
	print ""
	print_policy_line("a policy of 1,000 rules is compiled", "compile1000", "ms", 1e6, 1000)
	print_policy_line("a decision that no rule of 100 makes", "decide100", "ns", 1, 1000)
	printf "%-42s  %8.1f bytes allocated, goal 0%s\n", "the same", allocations["decide100"], is_nothing() ? "" : ", missed"
	print ""
	for (i = 0; i < calls; i++)
		printf "%-42s  %8.3f bytes allocated a notification, goal 0%s\n", allocated[i], bytes[allocated[i]],
			bytes[allocated[i]] == 0 ? "" : ", missed"
}

# JMH itself allocates a little now and then; an object has 16 bytes.
function is_nothing() {
	return allocations["decide100"] < 0.5
}

function print_executed_line(which,    name) {
	name = "instructions executed, " which
	if (missing != "")
		printf "%-42s  not measured: %s\n", name, missing
	else
		printf "%-42s  %8.1f, libseccomp %.1f, goal at most that%s\n", name, executed[which, "ours"],
			executed[which, "libseccomp"], executed[which, "ours"] <= executed[which, "libseccomp"] ? "" : ", missed"
}

function print_policy_line(name, benchmark, unit, scale, limit) {
	printf "%-42s  %8.0f %s +- %.0f, goal at most %d%s\n", name, nanoseconds[benchmark] / scale, unit, error[benchmark] / scale,
		limit, nanoseconds[benchmark] <= limit * scale ? "" : ", missed"
}

function truth(value) {
	return value ? "true" : "false"
}

function print_json(    row, i) {
	printf "{\"kernel\":\"%s\",\"cores\":%d,\"load_before\":%s,\"load_after\":%s,\"rounds\":%d,\"samples\":%d}\n",
		kernel, cores, loads[1], loads[2], rounds, samples
	for (row = 0; row < rows; row++) {
		if (is_missing(row)) {
			printf "{\"row\":\"%s\",\"missing\":\"%s\"}\n", what[row], missing
			continue
		}
		summarize(row)
		printf "{\"row\":\"%s\",\"ours\":\"%s\",\"other\":\"%s\",", what[row], ours[row], other[row]
		printf "\"other_p50_ns\":%.1f,\"other_p99_ns\":%.1f,", median(p50, row, "other"), median(p99, row, "other")
		printf "\"ours_p50_ns\":%.1f,\"ours_p99_ns\":%.1f,", median(p50, row, "ours"), median(p99, row, "ours")
		printf "\"%s\":%.3f,\"spread\":%.3f,\"goal\":%s,\"met\":%s}\n", how[row], compared, spread,
			goal[row] == "-" ? "null" : goal[row], goal[row] == "-" ? "null" : truth(is_met(row))
	}
	print_executed_json("mean")
	print_executed_json("worst")
	printf "{\"row\":\"compile 1,000 rules\",\"ns\":%.1f,\"error\":%.1f,\"goal\":1000000000,\"met\":%s}\n",
		nanoseconds["compile1000"], error["compile1000"], truth(nanoseconds["compile1000"] <= 1e9)
	printf "{\"row\":\"decide by 100 rules\",\"ns\":%.1f,\"error\":%.1f,\"goal\":1000,\"met\":%s,\"bytes\":%.1f,\"bytes_goal\":0,\"bytes_met\":%s}\n",
		nanoseconds["decide100"], error["decide100"], truth(nanoseconds["decide100"] <= 1000), allocations["decide100"],
		truth(is_nothing())
	for (i = 0; i < calls; i++)
		printf "{\"row\":\"allocated: %s\",\"bytes\":%s,\"goal\":0,\"met\":%s}\n", allocated[i], bytes[allocated[i]],
			truth(bytes[allocated[i]] == 0)
}

function print_executed_json(which) {
	if (missing != "")
		printf "{\"row\":\"instructions executed, %s\",\"missing\":\"%s\"}\n", which, missing
	else
		printf "{\"row\":\"instructions executed, %s\",\"ours\":%s,\"libseccomp\":%s,\"met\":%s}\n", which,
			executed[which, "ours"], executed[which, "libseccomp"],
			truth(executed[which, "ours"] <= executed[which, "libseccomp"])
}

END {
	split(load, loads, " ")
	if (form == "json")
		print_json()
	else
		print_table()
}
