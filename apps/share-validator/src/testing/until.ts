/** Quick at first, then patient: a busy disk may take a second for what an idle one does in a millisecond. */
const EAGER_TURNS = 1_000;
const TURNS = 30_000;

/** Lets real I/O go on until something is true; gives up by turns of the event loop, never by the clock. */
export const until = async (what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  for (let turn = 0; turn < TURNS; turn++) {
    if (await isTrue()) return;
    await new Promise((resolve) => (turn < EAGER_TURNS ? setImmediate(resolve) : setTimeout(resolve, 1)));
  }
  throw new Error(`never became true: ${what}`);
};

/** A promise that stays open for good, as everything does in a process that is gone. */
export const never = <T>(): Promise<T> => new Promise(() => undefined);
