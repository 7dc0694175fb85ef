/** Names of users: short, of one case, nothing that looks like another name. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,31}$/;

export const isUserName = (text: string): boolean => NAME.test(text);
