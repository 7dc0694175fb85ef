/** Every public vector of every algorithm through the command that people and conformance suites use. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '@otedama/test-harness';

const PROGRAM = join(REPOSITORY, 'apps/cli/dist/otedama.cjs');
/** Light caches of late epochs take seconds each on a slow machine, and there are many. */
const PATIENCE_MS = 15 * 60_000;

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

interface Question {
  readonly id: string;
  readonly ask: Readonly<Record<string, unknown>>;
  readonly answer: Readonly<Record<string, unknown>>;
}

const vectors = (name: string, kinds: readonly string[]): readonly Vector[] => {
  const text = readFileSync(join(REPOSITORY, `test/vectors/${name}.json`), 'utf8');
  const { cases } = JSON.parse(text) as { cases: readonly Vector[] };
  return cases.filter(({ kind }) => kinds.includes(kind));
};

/** Nonces are 16 hex digits in some vectors and decimal numbers in others. */
const nonceOf = (nonce: unknown): string =>
  typeof nonce === 'string' && /^(0x)?[0-9a-f]{16}$/.test(nonce) ? nonce : BigInt(String(nonce)).toString(16);

const askSeal = (vector: Vector, epochBlocks: number): Question => {
  const fields = (vector.fields ?? {}) as Readonly<Record<string, string>>;
  const block = vector.height ?? fields.number ?? Number(vector.epoch) * epochBlocks;
  return {
    id: vector.id,
    ask: {
      input: vector.header_hash,
      nonce: nonceOf(vector.nonce ?? vector.nonce64 ?? fields.nonce),
      block: Number(block),
    },
    answer: { hash: vector.final_hash ?? vector.hash, mix: vector.mix_hash },
  };
};

const suites: Readonly<Record<string, readonly Question[]>> = {
  sha256d: vectors('sha256d', ['header', 'block']).map(({ id, header, hash }) => ({
    id,
    ask: { input: header },
    answer: { hash },
  })),
  scrypt: vectors('scrypt', ['header', 'block']).map(({ id, header, pow_hash: hash }) => ({
    id,
    ask: { input: header },
    answer: { hash },
  })),
  ethash: vectors('ethash', ['hash', 'share', 'header']).map((vector) => askSeal(vector, 30_000)),
  etchash: vectors('etchash', ['hash', 'header']).map((vector) => askSeal(vector, 60_000)),
  kawpow: vectors('kawpow', ['hash', 'share', 'header', 'block'])
    .filter((vector) => vector.mix_hash !== undefined && vector.header_hash !== undefined)
    .map((vector) => askSeal(vector, 7_500)),
  randomx: [
    ...vectors('randomx', ['hash']).map(({ id, key, input, output }) => ({
      id,
      ask: { input, seed: key },
      answer: { hash: output },
    })),
    ...vectors('randomx', ['block']).map((vector) => ({
      id: vector.id,
      ask: { input: vector.hashing_blob, seed: vector.seed_hash },
      answer: { hash: vector.pow_hash },
    })),
  ],
};

const hashLines = (algorithm: string, lines: readonly string[]): readonly unknown[] => {
  const child = spawnSync(process.execPath, ['--no-warnings', PROGRAM, 'hash', algorithm, '--stdin'], {
    input: lines.map((line) => `${line}\n`).join(''),
    encoding: 'utf8',
  });
  expect([child.status, child.stderr]).toEqual([0, '']);
  const answers = child.stdout.split('\n');
  expect(answers.pop()).toBe('');
  return answers.map((line) => JSON.parse(line) as unknown);
};

describe('otedama hash', () => {
  it.each(Object.keys(suites))(
    'answers every public vector of %s',
    (algorithm) => {
      const questions = suites[algorithm] ?? [];
      expect(questions.length).toBeGreaterThan(5);
      const answers = hashLines(
        algorithm,
        questions.map(({ ask }) => JSON.stringify(ask)),
      );
      expect(answers.map((answer, index) => ({ id: questions[index]?.id, answer }))).toEqual(
        questions.map(({ id, answer }) => ({ id, answer })),
      );
    },
    PATIENCE_MS,
  );

  it('goes on after bad lines, in order', () => {
    const good = suites.randomx?.[0];
    const answers = hashLines('randomx', [
      '',
      '{"input":"0"}',
      JSON.stringify(good?.ask),
      '{"input":"00","seed":7}',
      JSON.stringify(good?.ask),
    ]);
    expect(answers).toEqual([
      { error: 'the line is not JSON' },
      { error: 'input has an odd number of hex digits' },
      good?.answer,
      { error: 'seed must be hex digits, not 7' },
      good?.answer,
    ]);
  });
});
