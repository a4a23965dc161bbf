// small.elf is this: gcc -O2 -g -nostdlib -static -Wl,--build-id=sha1 -Wl,-z,noseparate-code -ffile-prefix-map=$PWD=/src -o small.elf small.c
static inline __attribute__((always_inline)) int inner(int x) { return *(volatile int *)(long)x + 1; }
int data[4];
__attribute__((noinline)) int f(int x) { return inner(x) + data[0]; }
void _start(void) { f(3); for (;;); }
