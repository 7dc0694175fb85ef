/**
 * Values that never print themselves: JSON, string concatenation and `util.inspect` all show a placeholder,
 * so a configuration can be logged whole. Only `reveal()` gives the value, at the place that needs it.
 */
import { inspect } from 'node:util';
import type { Secret } from './model.ts';

const HIDDEN = '[secret]';

class RedactedSecret implements Secret {
  readonly #read: () => string;

  constructor(read: () => string) {
    this.#read = read;
  }

  reveal(): string {
    return this.#read();
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

/** It is there, and not for this process: whoever asks for it has a defect. */
export const withheldSecret = (part: string): Secret =>
  new RedactedSecret(() => {
    throw new TypeError(`this process holds no secrets of the ${part}`);
  });

export const createSecret = (value: string): Secret => new RedactedSecret(() => value);

/**
 * The password of a daemon's cookie file. The daemon writes a new one each time it starts, so it is read
 * again at every use; while the file is missing (daemon down) the last known password stands.
 */
export const createCookieSecret = (readCookie: () => string | undefined): Secret => {
  let last = '';
  return new RedactedSecret(() => {
    const cookie = readCookie()?.trim();
    if (cookie !== undefined) last = cookie.slice(cookie.indexOf(':') + 1);
    return last;
  });
};
