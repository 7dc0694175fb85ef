import { readFileSync } from 'node:fs';
import { LineDecoder, decodeMessage } from '@otedama/stratum';
import { type Driver, HEADER, MIX, NONCE, type Sent, USER, startDriver } from './session.fixture.ts';

const quirks = readFileSync(new URL('../../QUIRKS.md', import.meta.url), 'utf8');

const bytesOf = (cell: string): Buffer => {
  const [, head = '', count, filler = ''] = /^`(.*?)`(?: and (\d+) times `(.)`)?$/.exec(cell) ?? [];
  const text = head
    .replace(/\\x([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    .replace('"U"', `"${USER}"`)
    .replace('"J"', '"1a00"')
    .replace('"N"', `"0x${NONCE}"`)
    .replace('"H"', `"0x${HEADER}"`)
    .replace('"M"', `"0x${MIX}"`);
  return Buffer.from(text + filler.repeat(Number(count ?? 0)), 'latin1');
};

const table = quirks
  .slice(quirks.indexOf('## Malformed lines'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| name'))
  .map((line) => {
    const [name = '', bytes = '', code = '', text = '', after = ''] = line.slice(2, -2).split(' | ');
    return { name, line: bytesOf(bytes), code: Number(code), text, after };
  });

const feed = (driver: Driver, bytes: Buffer): Sent[] => {
  const decoder = new LineDecoder();
  const from = driver.sent.length;
  decoder.push(bytes);
  for (let next = decoder.next(); next.kind !== 'need-more'; next = decoder.next()) {
    driver.event(next.kind === 'line' ? { kind: 'message', message: decodeMessage(next.bytes) } : next);
  }
  return driver.sent.slice(from);
};

describe('malformed lines', () => {
  it('are a table of twenty-five and more', () => {
    expect(table.length).toBeGreaterThanOrEqual(25);
  });

  it.each(table.map((row) => [row.name, row] as const))('%s', (_name, { line, code, text, after }) => {
    const driver = startDriver();
    if (line[0] !== 0x16) driver.ready();
    const [reply] = feed(driver, Buffer.concat([line, Buffer.from('\n')]));
    expect(reply?.error).toEqual([code, expect.stringMatching(new RegExp(`^${text}`)), null]);
    expect(reply?.result).toBe(false);
    expect(driver.session.closed).toBe(after === 'closed');
    if (after === 'open') {
      expect(driver.call('next', 'mining.extranonce.subscribe')).toEqual([
        { id: 'next', result: true, error: null },
      ]);
    }
  });

  it('send a peer away that produces nothing else', () => {
    const driver = startDriver().ready();
    for (let i = 0; i < 1000 && !driver.session.closed; i++) driver.line('garbage');
    expect(driver.of('close')).toEqual([{ kind: 'close', reason: 'too-many-faults' }]);
    expect(driver.submit(1)).toEqual([]);
  });
});
