/** Cases of the shared Stratum V1 vectors by kind; a kind without cases is a mistake of the test. */
// oxlint-disable-next-line no-restricted-imports -- read by tests only, never by the library
import { readFileSync } from 'node:fs';

export type VectorCase = Readonly<Record<string, unknown>> & { readonly id: string; readonly kind: string };

const file = new URL('../../../test/vectors/stratum-v1.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: VectorCase[] };

export const vectors = <Case>(kind: string): (VectorCase & Case)[] => {
  const found = cases.filter((one) => one.kind === kind);
  if (found.length === 0) throw new Error(`no vectors of kind ${kind}`);
  return found as (VectorCase & Case)[];
};
