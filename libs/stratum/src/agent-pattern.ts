/** How tables of software name it: by how its user agent begins, in either case; after a `*` it may stand anywhere. */
export const fitsAgent = (pattern: string, userAgent: string): boolean => {
  const [name, wanted] = [userAgent.toLowerCase(), pattern.toLowerCase()];
  return wanted.startsWith('*') ? name.includes(wanted.slice(1)) : name.startsWith(wanted);
};
