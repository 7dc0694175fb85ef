/**
 * NATS subject patterns: tokens between dots, `*` for any one token, `>` at the end for one or more. Kept the
 * same in process, so that a pattern means one thing in every driver.
 */
export const subjectMatcher = (pattern: string): ((subject: string) => boolean) => {
  if (!/[*>]/.test(pattern)) return (subject) => subject === pattern;
  const wanted = pattern.split('.');
  const open = wanted.at(-1) === '>';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  return (subject) => {
    const tokens = subject.split('.');
    const fits = open ? tokens.length > fixed.length : tokens.length === fixed.length;
    return fits && fixed.every((token, index) => token === '*' || token === tokens[index]);
  };
};
