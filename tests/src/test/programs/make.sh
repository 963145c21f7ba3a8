# Builds with two jobs at once, and again when one source has changed.
# needs: make gcc
for n in 1 2 3 4 5 6; do
	echo "int f$n(void) { return $n; }" > "f$n.c"
done
echo 'int f1(void), f6(void); int main(void) { return f1() + f6(); }' > main.c
cat > Makefile <<'MAKE'
OBJECTS = $(patsubst %.c,%.o,$(sort $(wildcard *.c)))
main: $(OBJECTS)
	$(CC) -o $@ $(OBJECTS)
	@echo built of $(words $(OBJECTS))
MAKE
make -s -j2 && ./main
echo "status: $?"
make -s -j2 -q
echo "nothing to do: $?"
touch -d tomorrow f3.c && make -n -j2
echo 'broken' > f4.c && make -s -k f4.o
echo "status: $?"
