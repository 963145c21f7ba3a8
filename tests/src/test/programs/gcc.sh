# Compiles a program and runs it: preprocessor, compiler, assembler and linker, and files that come and go.
# needs: gcc
cat > main.c <<'C'
#include <math.h>
#include <stdio.h>
#include "message.h"

int main(int argc, char **argv)
{
	printf("%s %.3f\n", MESSAGE, sqrt(argc));
	return argc > 1 ? argv[1][0] : 3;
}
C
echo '#define MESSAGE "hello"' > message.h
gcc -Wall -O1 -save-temps -o main main.c -lm && ./main
echo "status: $?"
echo 'int main(void) { return undeclared; }' > wrong.c
gcc -o wrong wrong.c
echo "status: $?"
