import { globSync, readFileSync } from 'node:fs';
import { NODE_FLAGS } from './node-flags.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
/** The node of the playground is a program of others. */
const NOT_OURS = 'docker/playground.Dockerfile';
const STARTERS = [
  'otedama',
  'deploy/bin/otedama',
  'tools/warm-up.mjs',
  ...globSync(['deploy/systemd/*.service', 'docker/*.Dockerfile'], { cwd: ROOT })
    .filter((file) => file !== NOT_OURS && readFileSync(ROOT + file, 'utf8').includes('--no-warnings'))
    .toSorted(),
];

describe('the flags of Node', () => {
  it.each(STARTERS)('are those of every process that %s starts', (file) => {
    const text = readFileSync(ROOT + file, 'utf8');
    // A list of words in a shell or a unit, of strings in a script.
    const words = text.replaceAll(/[\s'"\\,[\]]+/g, ' ');
    expect(words.match(/--no-warnings/g)).not.toBeNull();
    expect(words.split(NODE_FLAGS.join(' '))).toHaveLength(words.split('--no-warnings').length);
  });
});
