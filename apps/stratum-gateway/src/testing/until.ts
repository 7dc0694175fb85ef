/** Lets real I/O go on until something is true; gives up by turns of the event loop, never by the clock. */
export const until = async (what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  for (let turn = 0; turn < 50_000; turn++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`never became true: ${what}`);
};

/** Long enough for what is on its way over loopback to arrive; for proving that nothing came of it. */
export const turns = async (count = 50): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A promise that stays open for good, as everything does in a process that is gone. */
export const never = <T>(): Promise<T> => new Promise(() => undefined);
