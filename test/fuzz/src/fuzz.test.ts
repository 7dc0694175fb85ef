import type { FuzzedCodec } from './codec.ts';
import { codecs } from './codecs.ts';
import { readCorpus } from './corpus.ts';
import { fuzz } from './fuzz.ts';
import { fuzzProxyHeader } from './proxy-header.ts';
import { stratumV1 } from './stratum-v1.ts';

const INPUTS = 2_500;

describe.each(Array.from(codecs.values(), (codec) => [codec.name, codec] as const))('%s', (name, codec) => {
  it('survives a short run, the same in every repetition', () => {
    const options = { inputs: INPUTS, seed: 7, corpus: readCorpus(name) };
    const [one, two] = [fuzz(codec, options), fuzz(codec, options)];
    expect(one.failure).toBeUndefined();
    expect(one).toEqual(two);
    expect(one.inputs).toBe(INPUTS);
    // More than garbage gets through.
    expect(one.seen).toMatchObject({ request: expect.any(Number), submit: expect.any(Number) });
    expect(one.ways).toBeGreaterThan(40);
  }, 60_000);

  it('keeps a corpus', () => {
    expect(readCorpus(name).length).toBeGreaterThan(50);
  });
});

describe('the PROXY header', () => {
  it('survives a short run, the same in every repetition, in all its ways', () => {
    const options = { inputs: 20_000, seed: 7, corpus: [] };
    const result = fuzzProxyHeader(options);
    expect(result).toEqual(fuzzProxyHeader(options));
    expect(result).not.toHaveProperty('failure');
    const faults = ['bad-address', 'bad-length', 'bad-line-end', 'bad-port', 'too-long'];
    const unknown = ['unknown-command', 'unknown-protocol', 'unknown-version'];
    expect(Object.keys(result.seen).sort()).toEqual(
      ['absent', ...faults, 'need-more', 'own', 'proxied', ...unknown].sort(),
    );
  });
});

describe('a fault', () => {
  /** Breaks at the first share that is submitted. */
  const broken = (fault: () => void): FuzzedCodec => ({
    ...stratumV1,
    createPool() {
      const pool = stratumV1.createPool();
      return {
        ...pool,
        open(nowMs) {
          const { core, step } = pool.open(nowMs);
          return {
            core,
            step(event, atMs) {
              const effects = step(event, atMs);
              if (effects.some(({ kind }) => kind === 'submit')) fault();
              return effects;
            },
          };
        },
      };
    },
  });

  it('ends the run with the input that led to it', () => {
    const result = fuzz(
      broken(() => {
        throw new Error('planted');
      }),
      { inputs: INPUTS, seed: 7, corpus: [] },
    );
    expect(result.failure?.error).toContain('planted');
    expect(result.inputs).toBe(result.failure?.at);
    expect(Buffer.from(result.failure?.inputBase64 ?? '', 'base64').toString()).toContain('mining.submit');
  });

  it('may be a line that is none, or more in memory than allowed', () => {
    const pool = stratumV1.createPool();
    const say = (data: string): FuzzedCodec => ({
      ...stratumV1,
      createPool: () => ({
        ...pool,
        open: (nowMs) => ({ ...pool.open(nowMs), step: () => [{ kind: 'send', data }] }),
      }),
    });
    const run = { inputs: INPUTS, seed: 7, corpus: [] };
    expect(() => fuzz(say('{}'), run)).toThrow('a line without its end was sent');
    expect(() => fuzz(say('{"id":\n'), run)).toThrow('JSON');
    const hoarder: FuzzedCodec = {
      ...stratumV1,
      createPool: () => ({
        ...pool,
        open(nowMs) {
          const session = pool.open(nowMs);
          for (let i = 0; i < 300; i++) session.core.accounts.set(`${i}`, { address: 'a', worker: 'w' });
          return session;
        },
      }),
    };
    expect(() => fuzz(hoarder, run)).toThrow('too many accounts');
  });
});
