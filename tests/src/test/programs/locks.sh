# Locks belong to the open file: nobody else may hold on to it.
# needs: flock
echo 0 > counter
increment() {
	for n in 1 2 3 4 5 6 7 8 9 10; do
		( flock 9 && echo $(($(cat counter) + 1)) > counter ) 9> lock
	done
}
increment & increment & increment & wait
cat counter
exec 9> lock && flock --nonblock 9 && echo locked
flock --nonblock lock true
echo "held by another: $?"
exec 9>&-
flock --nonblock lock true
echo "free again: $?"
