/** What is wrong with a configuration, and where: data first, text second. */

export type Path = readonly (string | number)[];

export interface Problem {
  /** `pools[0].daemons[1].url`; empty: the file as a whole. */
  readonly path: string;
  /** From 1. Absent: not in the file (environment, or no file at all). */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** The environment variable that gave the value. */
  readonly variable?: string;
  readonly message: string;
  /** Accepted forms, where the message alone does not say. */
  readonly allowed?: readonly string[];
}

export const formatPath = (path: Path): string => {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
};

const MAX_LISTED = 50;

const formatPlace = (problem: Problem, file: string | undefined): string => {
  if (problem.variable !== undefined) return problem.variable;
  const name = file ?? 'configuration';
  return problem.line === undefined ? name : `${name}:${problem.line}:${problem.column ?? 1}`;
};

/** As compilers print it: `pool.yaml:7:12: pool.window: "2x" is not a window (allowed: …)`. */
const formatProblem = (problem: Problem, file?: string): string => {
  const path = problem.path === '' ? '' : `${problem.path}: `;
  const allowed = problem.allowed === undefined ? '' : ` (allowed: ${problem.allowed.join(', ')})`;
  return `${formatPlace(problem, file)}: ${path}${problem.message}${allowed}`;
};

/** One line each; a list that nobody would read to its end is cut. */
export const formatProblems = (problems: readonly Problem[], file?: string): string => {
  const lines = problems.slice(0, MAX_LISTED).map((problem) => formatProblem(problem, file));
  if (problems.length > MAX_LISTED) lines.push(`… and ${problems.length - MAX_LISTED} more`);
  return lines.join('\n');
};
