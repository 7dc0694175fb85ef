/** Lets real I/O go on until something is true; gives up by turns of the event loop, never by the clock. */
export const until = async (what: string, isTrue: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 50_000; turn++) {
    if (isTrue()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`never became true: ${what}`);
};

/** Long enough for what is on its way over loopback to arrive; for proving that nothing came of it. */
export const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};
