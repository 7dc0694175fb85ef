/** Every scene of a dialect as a test of its own. */
import { play } from './conversation.ts';
import type { DialectUnderTest } from './dialect.ts';

export const describeConformance = ({ name, ear, scenes }: DialectUnderTest): void => {
  describe(`conformance of ${name}`, () => {
    it.each(scenes.map((scene) => [scene.script.id, scene] as const))(
      '%s',
      async (_id, { script, start }) => {
        const pool = await start();
        try {
          await play(script, pool.port, ear);
        } finally {
          await pool.close();
        }
      },
      20_000,
    );
  });
};
