import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@otedama/contracts';
import { fakeCandidate } from '../testing/fixtures.ts';
import { type BlockSpool, createBlockSpool } from './spool.ts';
import { systemSpoolFiles } from './spool-files.ts';

let root: string;
let dir: string;
let spool: BlockSpool;
const candidate = fakeCandidate(1);
const { hash } = candidate.facts;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'otedama-spool-'));
  dir = join(root, 'spool');
  spool = createBlockSpool({ files: systemSpoolFiles, logger: silentLogger }, dir);
});
afterEach(() => rm(root, { recursive: true }));

describe('block spool', () => {
  it('gives back what was written, and nothing after it was removed', async () => {
    await spool.write(candidate);
    expect(await readdir(dir)).toEqual([`${hash}.json`]);
    expect(await spool.load()).toEqual([candidate]);
    await spool.remove(hash);
    await spool.remove(hash);
    expect(await spool.load()).toEqual([]);
  });

  it('is readable by its owner only', async () => {
    await spool.write(candidate);
    expect((await stat(join(dir, `${hash}.json`))).mode & 0o077).toBe(0);
  });

  it('takes up a file that only lacked its rename, once', async () => {
    await spool.write(candidate);
    const bytes = await readFile(join(dir, `${hash}.json`));
    await writeFile(join(dir, `${hash}.json.tmp`), bytes);
    expect(await spool.load()).toEqual([candidate]);
    expect(await readdir(dir)).toEqual([`${hash}.json`]);
  });

  const whole = Buffer.from(
    JSON.stringify({
      format: 1,
      facts: candidate.facts,
      batch: candidate.batch.toString('base64'),
      submission: candidate.submission,
    }),
  );
  const edited = (edit: (value: Record<string, unknown>) => void): Buffer => {
    const value = JSON.parse(whole.toString()) as Record<string, unknown>;
    edit(value);
    return Buffer.from(JSON.stringify(value));
  };
  it.each([
    ['cut off', whole.subarray(0, -10)],
    ['empty', Buffer.alloc(0)],
    ['not text', Buffer.from([0xff, 0xfe, 0, 1])],
    ['JSON null', Buffer.from('null')],
    ['of another format', edited((value) => (value['format'] = 2))],
    ['without its facts', edited((value) => delete value['facts'])],
    ['another block than it says', edited((value) => (value['submission'] = '22'.repeat(81)))],
    ['not hex', edited((value) => (value['submission'] = 'zz'.repeat(81)))],
  ])('keeps a file aside that is %s', async (_name, bytes) => {
    await spool.load();
    await writeFile(join(dir, `${hash}.json`), bytes);
    expect(await spool.load()).toEqual([]);
    expect(await readdir(dir)).toEqual([`${hash}.json.unreadable`]);
    expect(await spool.load()).toEqual([]);
  });
});
