/** A failure the person at the terminal can act on: one clear sentence, no stack trace. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1, options?: { cause?: unknown }) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Wrong words on the command line. */
export const usage = (message: string): CommandFailure =>
  new CommandFailure(`${message}\nRun './otedama help' for the commands.`, 2);

/** Failures that an operator can act on carry a `code`; anything else is a defect and keeps its stack. */
export const explain = (error: unknown): unknown => {
  if (!(error instanceof Error && 'code' in error)) return error;
  // Node gives one error for all addresses of a name, without a message of its own.
  const shown: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return new CommandFailure(shown instanceof Error ? shown.message : error.message, 1, { cause: error });
};
