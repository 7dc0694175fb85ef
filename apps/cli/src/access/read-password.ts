/** A password from whoever sits at the terminal, asked twice and never shown; or the first line of what is piped in. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CommandFailure } from '../failure.ts';

export interface Terminal {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

export interface PasswordIo {
  readonly input: Readable & Terminal;
  readonly output: NodeJS.WritableStream;
}

const MAX_TYPED = 1_024;

const firstLine = async (input: NodeJS.ReadableStream): Promise<string> => {
  const lines = createInterface({ input, crlfDelay: Infinity });
  for await (const line of lines) {
    lines.close();
    return line;
  }
  return '';
};

type Typed = { readonly text: string; readonly isDone: boolean };

/** Undefined: whoever types wants out. */
const type = ({ text }: Typed, key: string): Typed | undefined => {
  switch (key) {
    case '\u0003':
    case '\u0004':
      return undefined;
    case '\r':
    case '\n':
      return { text, isDone: true };
    case '\u007F':
    case '\b':
      return { text: [...text].slice(0, -1).join(''), isDone: false };
    default:
      return { text: (text + key).slice(0, MAX_TYPED), isDone: false };
  }
};

/** What was typed and what was not read yet, or undefined. */
const typeAll = (typed: Typed, keys: string): { typed: Typed; rest: string } | undefined => {
  let state = typed;
  const waiting = [...keys];
  for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
    const next = type(state, key);
    if (next === undefined) return undefined;
    state = next;
    if (state.isDone) break;
  }
  return { typed: state, rest: waiting.join('') };
};

class HiddenPrompt {
  readonly #io: PasswordIo;
  #unread = '';

  constructor(io: PasswordIo) {
    this.#io = io;
  }

  async ask(question: string): Promise<string> {
    const { input, output } = this.#io;
    output.write(question);
    let typed: Typed = { text: '', isDone: false };
    const take = (keys: string): void => {
      const after = typeAll(typed, keys);
      if (after === undefined) throw new CommandFailure('nothing was changed');
      typed = after.typed;
      this.#unread = after.rest;
    };
    input.setRawMode?.(true);
    input.setEncoding('utf8');
    try {
      take(this.#unread);
      while (!typed.isDone) take(await this.#next());
    } finally {
      input.setRawMode?.(false);
      input.pause();
      output.write('\n');
    }
    return typed.text;
  }

  #next(): Promise<string> {
    const { input } = this.#io;
    return new Promise((resolve, reject) => {
      const onEnd = (): void => reject(new CommandFailure('nothing was changed'));
      if (input.readableEnded) onEnd();
      input.once('end', onEnd);
      input.once('data', (keys: string | Buffer) => {
        input.off('end', onEnd);
        input.pause();
        resolve(String(keys));
      });
      input.resume();
    });
  }
}

export const readPassword = async (
  io: PasswordIo = { input: process.stdin, output: process.stderr },
): Promise<string> => {
  if (io.input.isTTY !== true) return firstLine(io.input);
  const prompt = new HiddenPrompt(io);
  const password = await prompt.ask('Password: ');
  if ((await prompt.ask('Once more: ')) === password) return password;
  throw new CommandFailure('these were two different passwords; nothing was changed');
};
