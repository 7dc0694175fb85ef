/** By shape: an error may come from another realm, where `instanceof` knows nothing. */
export const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  codes.some((code) => codeOf(error) === code);
