/** A bar on the terminal while something long is built; silent when standard error is no terminal. */

export interface BuildState {
  readonly done: number;
  /** 0 before the build has begun. */
  readonly total: number;
}

const WIDTH = 30;
const INTERVAL_MS = 200;

export const renderBar = (title: string, { done, total }: BuildState, elapsedMs: number): string => {
  if (total === 0) return `${title}: starting`;
  const part = Math.min(done / total, 1);
  const filled = Math.floor(part * WIDTH);
  const left = part > 0 ? (elapsedMs / part - elapsedMs) / 1000 : undefined;
  const rest = left === undefined ? '' : `, ${Math.ceil(left)} s left`;
  return `${title} [${'='.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${Math.floor(part * 100)} %${rest}`;
};

export const withProgressBar = async <T>(
  title: string,
  state: BuildState,
  work: Promise<T>,
  output: NodeJS.WriteStream = process.stderr,
): Promise<T> => {
  if (!output.isTTY) return work;
  const start = performance.now();
  const draw = () => output.write(`\r\x1b[K${renderBar(title, state, performance.now() - start)}`);
  const timer = setInterval(draw, INTERVAL_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    output.write('\r\x1b[K');
  }
};
