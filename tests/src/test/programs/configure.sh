# What a configure script does: hundreds of small programs, tried out and thrown away.
# needs: gcc sed awk grep
try() {
	echo "$2" > conftest.c
	if gcc -o conftest conftest.c 2> conftest.log && ./conftest; then echo "checking for $1... yes"; else echo "checking for $1... no"; fi
	rm -f conftest conftest.c conftest.log
}
for header in stdio.h sys/epoll.h no/such/header.h pthread.h; do
	try "$header" "#include <$header>
int main(void) { return 0; }"
done
for size in 1 4 8; do
	try "long of $size bytes" "int main(void) { return sizeof(long) != $size; }"
done
try "function no_such_function" "int no_such_function(void); int main(void) { return no_such_function(); }"
for n in 1 2 3 4 5 6 7 8 9 10; do
	name=$(expr "x$n" : 'x\(.*\)')
	value=$(echo "value $n" | sed 's/value/is/' | awk '{ print $1, $2 * 2 }')
	echo "$name $value $(basename "/a/b/$n.c" .c) $(dirname "/a/b/$n.c")"
done
sed -e 's,@prefix@,/usr,g' -e 's,@n@,10,' > Makefile <<'IN'
prefix = @prefix@
all:
	@echo $(prefix) @n@
IN
grep -c prefix Makefile
cat Makefile
(exit 3) || echo "status: $?"
