/**
 * One recorded conversation, played to a listening pool over a real socket: the miner's side byte for byte,
 * the pool's side compared with what the protocol fixes of it. Knows no dialect.
 */
import { connect } from 'node:net';
import { type Choices, type WireLine, fillLine, matchLine, showLine } from './wire-line.ts';

export type Step =
  | { readonly kind: 'say'; readonly line: WireLine }
  | { readonly kind: 'hear'; readonly line: WireLine }
  /** Nothing more comes: the pool ends the connection. */
  | { readonly kind: 'hung-up' }
  /** Something happens at the pool, or is checked there. */
  | { readonly kind: 'do'; readonly act: (choices: Choices) => void | Promise<void> };

export interface Script {
  /** `id` of the vector. */
  readonly id: string;
  readonly steps: readonly Step[];
}

/** What the player has to know of a dialect. */
export interface Ear {
  /** Which lines are about the same thing: a reply by its id, a notification by its method. */
  readonly topicOf: (line: string) => string;
  /** May come at any time, any number of times, whether a recording shows it or not. */
  readonly isFree: (topic: string) => boolean;
}

/** Reached only by a pool that fails; on loopback an answer takes a millisecond. */
const PATIENCE_MS = 5_000;

export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
  readonly code = 'CONFORMANCE';
}

/** Lines of the pool as they come. One character per byte; without their line end. */
class Inbox {
  readonly lines: string[] = [];
  isClosed = false;
  #partial = '';
  #wake = Promise.withResolvers<void>();

  push(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    this.lines.push(...lines);
    this.#stir();
  }

  close(): void {
    this.isClosed = true;
    this.#stir();
  }

  /** False when nothing came in time. */
  async more(): Promise<boolean> {
    const { promise } = this.#wake;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), PATIENCE_MS);
    });
    const came = await Promise.race([promise.then(() => true), tooLong]);
    clearTimeout(timer);
    return came;
  }

  #stir(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

const difference = (line: WireLine, text: string, at: number, choices: Choices): string =>
  [
    `differs at byte ${at}`,
    `  expected: ${showLine(line, choices)}`,
    `  heard:    ${text}`,
    `            ${' '.repeat(at)}^`,
  ].join('\n');

/** The first line of the topic that fits; what is free may be passed over for it, nothing else may. */
const takeFrom = (
  inbox: Inbox,
  line: WireLine,
  ear: Ear,
  choices: Choices,
): { readonly choices: Choices } | { readonly why: string } => {
  const topic = ear.topicOf(showLine(line, choices));
  let why = '';
  for (const [index, text] of inbox.lines.entries()) {
    if (ear.topicOf(text) !== topic) {
      if (ear.isFree(ear.topicOf(text))) continue;
      throw new ConformanceError(
        `something else comes first\n  expected: ${showLine(line, choices)}\n  heard:    ${text}`,
      );
    }
    const match = matchLine(line, text, choices);
    if (match.ok) {
      inbox.lines.splice(index, 1);
      return match;
    }
    why = difference(line, text, match.at, choices);
    if (!ear.isFree(topic)) throw new ConformanceError(why);
  }
  return { why };
};

/** What the pool says instead is left in the inbox, where it is found at the end. */
const hearTheEnd = async (inbox: Inbox, ear: Ear): Promise<void> => {
  const isUnasked = (line: string): boolean => !ear.isFree(ear.topicOf(line));
  while (!inbox.isClosed && !inbox.lines.some(isUnasked)) {
    if (!(await inbox.more())) throw new ConformanceError('the pool has not hung up');
  }
};

const hear = async (inbox: Inbox, line: WireLine, ear: Ear, choices: Choices): Promise<Choices> => {
  for (;;) {
    const taken = takeFrom(inbox, line, ear, choices);
    if ('choices' in taken) return taken.choices;
    if (inbox.isClosed || !(await inbox.more())) {
      const end = inbox.isClosed ? 'the pool hung up' : 'the pool says nothing more';
      throw new ConformanceError(
        taken.why === '' ? `${end}\n  expected: ${showLine(line, choices)}` : `${taken.why}\n  and ${end}`,
      );
    }
  }
};

/** The same error said more exactly; what was no disagreement stays its cause. */
const wrapped = (where: string, error: unknown): ConformanceError => {
  const { message, cause } = error as Error;
  return new ConformanceError(`${where}: ${message}`, {
    cause: error instanceof ConformanceError ? cause : error,
  });
};

const perform = async (
  steps: readonly Step[],
  inbox: Inbox,
  ear: Ear,
  write: (line: string) => void,
): Promise<void> => {
  let choices: Choices = new Map();
  for (const [index, step] of steps.entries()) {
    try {
      if (step.kind === 'say') write(fillLine(step.line, choices));
      else if (step.kind === 'hear') choices = await hear(inbox, step.line, ear, choices);
      else if (step.kind === 'hung-up') await hearTheEnd(inbox, ear);
      else await step.act(choices);
    } catch (error) {
      throw wrapped(`step ${index + 1} of ${steps.length}`, error);
    }
  }
  const unasked = inbox.lines.find((line) => !ear.isFree(ear.topicOf(line)));
  if (unasked !== undefined)
    throw new ConformanceError(`nothing of it was asked for\n  heard:    ${unasked}`);
};

/** Throws with the vector's id and the first byte that differs. */
export const play = async ({ id, steps }: Script, port: number, ear: Ear): Promise<void> => {
  const inbox = new Inbox();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.setEncoding('latin1');
  socket.on('data', (text) => inbox.push(String(text)));
  // The close that follows is what the player goes by.
  socket.on('error', () => undefined);
  socket.on('close', () => inbox.close());
  try {
    await perform(steps, inbox, ear, (line) => socket.write(Buffer.from(`${line}\n`, 'utf8')));
  } catch (error) {
    throw wrapped(id, error);
  } finally {
    socket.destroy();
  }
};
