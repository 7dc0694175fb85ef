/** Lets real I/O go on until something is true; gives up by turns of the event loop, never by the clock. */
export const until = async (what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  for (let turn = 0; turn < 20_000; turn++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`never became true: ${what}`);
};

/** A promise that stays open for good, as everything does in a process that is gone. */
export const never = <T>(): Promise<T> => new Promise(() => undefined);
