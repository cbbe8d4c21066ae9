/* How a program becomes a daemon: in the background, with a pid file that it holds. */
#ifndef STUBDOM_LINUX_BACKGROUND_H
#define STUBDOM_LINUX_BACKGROUND_H

/**
 * Continues in a child process. The parent waits until background_ready(), and then ends with
 * success; it ends with failure if the child ends before. Returns NULL, or why it cannot; *pipe is
 * for background_ready().
 */
const char *background_begin(int *pipe);
/** Lets the parent end and leaves terminal and directory. *pipe becomes -1; with -1 it does
 * nothing. */
void background_ready(int *pipe);

/**
 * Writes and locks a pid file. Returns NULL, "" where another process holds it, or why it cannot;
 * *fd is for pid_file_remove().
 */
const char *pid_file_take(const char *path, int *fd);
/** Removes a pid file; -1: there is none. */
void pid_file_remove(int fd);

#endif
