/** A whole number that a long run sets by a variable. */
export const wholeFromEnv = (name: string, otherwise: number): number => {
  const text = process.env[name];
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text)) throw new RangeError(`${name} is not a whole number: ${text}`);
  return Number(text);
};
