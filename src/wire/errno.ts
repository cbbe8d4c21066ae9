/** The errors that the protocol has (xs_wire.h). The values are indexes in errorPayload. */
export const enum Errno {
  /** No error. It is never sent. */
  none = -1,
  /** The reply comes later. It is never sent. */
  LATER = -2,
  EINVAL = 0,
  EACCES = 1,
  EEXIST = 2,
  EISDIR = 3,
  ENOENT = 4,
  ENOMEM = 5,
  ENOSPC = 6,
  EIO = 7,
  ENOTEMPTY = 8,
  ENOSYS = 9,
  EROFS = 10,
  EBUSY = 11,
  EAGAIN = 12,
  EISCONN = 13,
  E2BIG = 14,
  EPERM = 15,
}

/**
 * Payload of an ERROR reply, by Errno. Built at the start, because an error must be sent even if there is
 * no memory for a string.
 */
export const errorPayload: readonly string[] = [
  "EINVAL\0",
  "EACCES\0",
  "EEXIST\0",
  "EISDIR\0",
  "ENOENT\0",
  "ENOMEM\0",
  "ENOSPC\0",
  "EIO\0",
  "ENOTEMPTY\0",
  "ENOSYS\0",
  "EROFS\0",
  "EBUSY\0",
  "EAGAIN\0",
  "EISCONN\0",
  "E2BIG\0",
  "EPERM\0",
];
