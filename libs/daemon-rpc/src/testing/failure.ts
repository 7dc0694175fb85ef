import { DaemonError } from '../errors.ts';

/** The DaemonError that a call must end in. */
export const failureOf = async (call: Promise<unknown>): Promise<DaemonError> => {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  if (outcome instanceof DaemonError) return outcome;
  throw new Error(`expected a DaemonError, got ${JSON.stringify(outcome)}`);
};
