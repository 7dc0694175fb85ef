import { decodePasswordRecord, HASH_BYTES, SCRYPT_COST, type ScryptCost } from '@otedama/access';
import { createPasswords } from './passwords.ts';

// The real cost, on a machine that may be busy with other things.
const cheap = createPasswords({ log2N: 4, r: 8, p: 1 });

it('hashes with a salt of its own and the documented cost', async () => {
  const passwords = createPasswords();
  const [one, two] = await Promise.all([passwords.hash('the same words'), passwords.hash('the same words')]);
  expect(one).not.toBe(two);
  expect(decodePasswordRecord(one)?.cost).toEqual(SCRYPT_COST);
  expect(SCRYPT_COST).toEqual({ log2N: 17, r: 8, p: 1 });
  expect(await passwords.verify('the same words', two, false)).toBe('right');
});

it('knows the right password, however its letters are composed', async () => {
  const record = await cheap.hash('Übergroße Fässer');
  expect(await cheap.verify('Übergroße Fässer'.normalize('NFD'), record, false)).toBe('right');
  expect(await cheap.verify('übergroße Fässer', record, false)).toBe('wrong');
  expect(await cheap.verify('Übergroße Fässer', undefined, false)).toBe('wrong');
  expect(await cheap.verify('Übergroße Fässer', 'not a record', false)).toBe('wrong');
});

it('works for nobody as hard as for somebody', async () => {
  const cost = { log2N: 4, r: 8, p: 1 };
  const worked: ScryptCost[] = [];
  const passwords = createPasswords(cost, 1, (_password, salt, at) => {
    worked.push(at);
    return Promise.resolve(Buffer.alloc(HASH_BYTES, salt));
  });
  const record = await passwords.hash('a password of ann');
  for (const known of [record, undefined, 'not a record']) await passwords.verify('wrong', known, false);
  expect(worked).toEqual([cost, cost, cost, cost]);
});

it('lets known devices pass a queue of strangers, and turns strangers away when it is long', async () => {
  const passwords = createPasswords({ log2N: 14, r: 8, p: 1 }, 2);
  const record = await passwords.hash('a password of ann');
  const done: string[] = [];
  const strangers = Array.from({ length: 30 }, async () => {
    const verdict = await passwords.verify('guess', record, false);
    done.push(verdict);
  });
  const owner = passwords.verify('a password of ann', record, true).then((verdict) => done.push(verdict));
  await Promise.all([...strangers, owner]);
  expect(done.filter((verdict) => verdict === 'busy')).toHaveLength(20);
  // Two were at it already; of those that waited, the owner was the first.
  expect(done.filter((verdict) => verdict !== 'busy').indexOf('right')).toBeLessThanOrEqual(3);
});
