/** Recorded cases by kind, with the fields that this suite reads. */
import { readFileSync } from 'node:fs';

export interface RecordedMessage {
  readonly dir: 'c2s' | 's2c';
  readonly msg: Readonly<Record<string, unknown>>;
}

export type VectorCase = Readonly<Record<string, unknown>> & { readonly id: string; readonly kind: string };

export const loadVectors = (name: string): readonly VectorCase[] => {
  const file = new URL(`../../vectors/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: VectorCase[] }).cases;
};

/** A kind without cases is a mistake of the test. */
export const ofKind = <Case>(cases: readonly VectorCase[], kind: string): readonly (VectorCase & Case)[] => {
  const found = cases.filter((one) => one.kind === kind);
  if (found.length === 0) throw new Error(`no vectors of kind ${kind}`);
  return found as readonly (VectorCase & Case)[];
};
