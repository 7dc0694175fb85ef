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
  const hasCode = error instanceof Error && 'code' in error;
  return hasCode ? new CommandFailure(error.message, 1, { cause: error }) : error;
};
