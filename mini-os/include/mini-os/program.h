#ifndef MINI_OS_PROGRAM_H
#define MINI_OS_PROGRAM_H

/** The program on the kernel; argv[0] is the image's name, the rest is the command line's words. */
int main(int argc, char **argv);

#endif
