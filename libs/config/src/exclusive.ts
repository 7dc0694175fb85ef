/** A value that may stand in either of two places, as in older files; in both it must be the same. */
import type { ResolveContext } from './context.ts';
import { formatPath, type Path } from './problem.ts';

export const exclusive = <T>(
  context: ResolveContext,
  paths: readonly [Path, Path],
  a: T | undefined,
  b: T | undefined,
): T | undefined => {
  if (a !== undefined && b !== undefined && JSON.stringify(a) !== JSON.stringify(b)) {
    context.report.problem(paths[1], `contradicts ${formatPath(paths[0])}`);
  }
  return a ?? b;
};
