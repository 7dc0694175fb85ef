/** For tests: cases of the shared vectors by file and kind. A kind without cases is a mistake of the test. */
// oxlint-disable-next-line no-restricted-imports -- read by tests only, never by a library
import { readFileSync } from 'node:fs';

export type VectorCase = Readonly<Record<string, unknown>> & { readonly id: string; readonly kind: string };

export const vectorsOf = (name: string) => {
  const file = new URL(`../../../../test/vectors/${name}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: VectorCase[] };
  return <Case>(kind: string): (VectorCase & Case)[] => {
    const found = cases.filter((one) => one.kind === kind);
    if (found.length === 0) throw new Error(`no vectors of kind ${kind} in ${name}`);
    return found as (VectorCase & Case)[];
  };
};
