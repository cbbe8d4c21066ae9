/** A link: a small integer for a ring or socket, reused after Host.close(). */
export type Link = number;
