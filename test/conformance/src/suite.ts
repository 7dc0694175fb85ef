/** Every scene of a dialect as a test of its own, and no recording without a scene but for a reason. */
import { readFileSync } from 'node:fs';
import { play } from './conversation.ts';
import type { DialectUnderTest } from './dialect.ts';

/** Kinds and ids that the table of the README gives a reason for. */
const reasonedIn = (readme: string, dialect: string): readonly string[] =>
  readme
    .split('\n')
    .filter((line) => line.startsWith(`| ${dialect} |`))
    .flatMap((line) =>
      Array.from((line.split('|')[2] ?? '').matchAll(/`([^`]+)`/g), ([, name = '']) => name),
    );

export const describeConformance = ({ name, ear, scenes, vectors }: DialectUnderTest): void => {
  describe(`conformance of ${name}`, () => {
    it.each(scenes.map((scene) => [scene.script.id, scene] as const))(
      '%s',
      async (_id, { script, start, ear: own }) => {
        const pool = await start();
        try {
          await play(script, pool.port, own ?? ear);
        } finally {
          await pool.close();
        }
      },
      20_000,
    );

    it('leaves out what the README gives a reason for, and nothing else', () => {
      const played = new Set(scenes.flatMap(({ script, also = [] }) => [script.id, ...also]));
      const reasoned = reasonedIn(readFileSync(new URL('../README.md', import.meta.url), 'utf8'), name);
      const left = vectors.filter(({ id }) => !played.has(id));
      const hasReason = (id: string, kind: string): boolean =>
        reasoned.includes(id) || reasoned.includes(kind);
      expect(left.filter(({ id, kind }) => !hasReason(id, kind)).map(({ id }) => id)).toEqual([]);
      const needless = reasoned.filter((one) => !left.some(({ id, kind }) => one === id || one === kind));
      expect(needless).toEqual([]);
    });
  });
};
