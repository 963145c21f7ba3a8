# Reads lines `ROW ROUND ours|other P50 P99`; writes a line for each row:
#   ROW, the medians over the rounds of both p50 and both p99, then the median of the rounds' ratios ours / other and half
#   the distance of their quartiles, as a share of that median.

{
	n[$1] = $2 > n[$1] ? $2 : n[$1]
	p50[$1, $2, $3] = $4
	p99[$1, $2, $3] = $5
}

function quantile(values, count, q,    i, j, value) {
	for (i = 2; i <= count; i++) {
		value = values[i]
		for (j = i - 1; j >= 1 && values[j] > value; j--)
			values[j + 1] = values[j]
		values[j + 1] = value
	}
	return values[1 + int(q * (count - 1) + 0.5)]
}

function median(of, row, who,    round, values) {
	for (round = 1; round <= n[row]; round++)
		values[round] = of[row, round, who]
	return quantile(values, n[row], 0.5)
}

END {
	for (row = 0; row in n; row++) {
		for (round = 1; round <= n[row]; round++)
			ratios[round] = p50[row, round, "ours"] / p50[row, round, "other"]
		ratio = quantile(ratios, n[row], 0.5)
		spread = (quantile(ratios, n[row], 0.75) - quantile(ratios, n[row], 0.25)) / 2 / ratio
		printf "%d %.1f %.1f %.1f %.1f %.3f %.3f\n", row, median(p50, row, "other"), median(p50, row, "ours"),
			median(p99, row, "other"), median(p99, row, "ours"), ratio, spread
	}
}
