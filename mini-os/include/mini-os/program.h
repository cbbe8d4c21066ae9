#ifndef MINI_OS_PROGRAM_H
#define MINI_OS_PROGRAM_H

/** The program that runs on the kernel. argv[0] is "xenstore"; the words of the command line
 * follow. */
int main(int argc, char **argv);

#endif
