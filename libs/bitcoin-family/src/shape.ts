/**
 * Tables of checks for what daemons answer: a table names each key that we read and what must be there. Other
 * keys are nobody's business.
 */

export type Check = (value: unknown) => boolean;
export type Shape<T> = Readonly<Record<keyof T, readonly [check: Check, expectation: string]>>;

/** Of strings that we hand back to a daemon or to nobody; real ones have less than 100 characters. */
const MAX_TEXT = 1024;

export const isInteger =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
export const isText: Check = (value) => typeof value === 'string' && value.length <= MAX_TEXT;
export const matches =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isList = (value: unknown, max: number): value is readonly unknown[] =>
  Array.isArray(value) && value.length <= max;

export const isHash = matches(/^[0-9a-f]{64}$/i);
export const isBytes = matches(/^(?:[0-9a-f]{2})+$/i);
export const isBits = matches(/^[0-9a-f]{8}$/i);
/** JSON numbers are exact up to here, which is more than any coin of this family will ever issue. */
export const isAmount = isInteger(0, Number.MAX_SAFE_INTEGER);
export const isTime = isInteger(1, 0xffffffff);
/** Below half a billion a lock time is a height; a coinbase locks to the height before its own. */
export const isHeight = isInteger(1, 499_999_999);

export const firstFault = <T>(
  value: Readonly<Record<string, unknown>>,
  shape: Shape<T>,
): string | undefined => {
  for (const [key, [check, expectation]] of Object.entries<Shape<T>[keyof T]>(shape)) {
    if (!check(value[key])) return `${key} is not ${expectation}`;
  }
  return undefined;
};
