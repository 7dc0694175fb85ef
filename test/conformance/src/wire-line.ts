/**
 * A line as the protocol fixes it: bytes, and between them what the sender chooses, of a form that the
 * protocol fixes. What was chosen once under a name has to come again wherever the name stands.
 */

/** `form` is sticky: it is tried exactly where the bytes before it end. */
export interface Choice {
  readonly name: string;
  readonly form: RegExp;
}

export type WireLine = readonly (string | Choice)[];

/** What was chosen so far, by name. */
export type Choices = Map<string, string>;

export const choice = (name: string, form: RegExp): Choice => ({ name, form: new RegExp(form.source, 'y') });

export const showLine = (line: WireLine, choices: Choices): string =>
  line
    .map((piece) => (typeof piece === 'string' ? piece : (choices.get(piece.name) ?? `<${piece.name}>`)))
    .join('');

/** The bytes of a line all of whose choices were made. */
export const fillLine = (line: WireLine, choices: Choices): string =>
  line
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const chosen = choices.get(piece.name);
      if (chosen === undefined) throw new Error(`nothing was chosen for <${piece.name}> so far`);
      return chosen;
    })
    .join('');

export type Match =
  | { readonly ok: true; readonly choices: Choices }
  /** `at` counts bytes from 0. */
  | { readonly ok: false; readonly at: number };

const commonLength = (one: string, other: string): number => {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
};

/** `text` has one character per byte (latin1). */
export const matchLine = (line: WireLine, text: string, before: Choices): Match => {
  const choices = new Map(before);
  let at = 0;
  for (const piece of line) {
    const fixed = typeof piece === 'string' ? piece : choices.get(piece.name);
    if (fixed !== undefined) {
      if (!text.startsWith(fixed, at)) return { ok: false, at: at + commonLength(fixed, text.slice(at)) };
      at += fixed.length;
    } else if (typeof piece !== 'string') {
      piece.form.lastIndex = at;
      const found = piece.form.exec(text)?.[0];
      if (found === undefined) return { ok: false, at };
      choices.set(piece.name, found);
      at += found.length;
    }
  }
  return at === text.length ? { ok: true, choices } : { ok: false, at };
};
