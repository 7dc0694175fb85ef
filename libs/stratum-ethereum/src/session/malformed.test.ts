import { readFileSync } from 'node:fs';
import { LineDecoder, decodeMessage } from '@otedama/stratum';
import { type Driver, HEADER, MIX, NONCE, type Sent, WALLET, ready, startDriver } from './session.fixture.ts';

const quirks = readFileSync(new URL('../../QUIRKS.md', import.meta.url), 'utf8');

const begin: Readonly<Record<string, (driver: Driver) => Driver>> = {
  none: (driver) => driver,
  proxy: (driver) => ready.ethProxy(driver),
  v1: (driver) => ready.v1(driver),
  stratum1: (driver) => ready.stratum1(driver),
  v2: (driver) => ready.v2(driver),
};

const bytesOf = (cell: string): Buffer => {
  const [, head = '', count, filler = ''] = /^`(.*?)`(?: and (\d+) times `(.)`)?$/.exec(cell) ?? [];
  const text = head
    .replace(/\\x([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    .replace('"U"', `"${WALLET}.rig"`)
    .replace('"H"', `"0x${HEADER}"`)
    .replace('"M"', `"0x${MIX}"`)
    .replace('"N"', `"0x${NONCE}"`)
    .replace('"J"', '"1a00"');
  return Buffer.from(text + filler.repeat(Number(count ?? 0)), 'latin1');
};

const table = quirks
  .slice(quirks.indexOf('## Malformed lines'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| name'))
  .map((line) => {
    const [name = '', dialect = '', bytes = '', code = '', text = '', after = ''] = line
      .slice(2, -2)
      .split(' | ');
    return { name, dialect, line: bytesOf(bytes), code: Number(code), text, after };
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

const refusalOf = (reply: Sent | undefined): unknown[] => {
  const error = reply?.error;
  if (Array.isArray(error)) return error.slice(0, 2);
  const { code, message } = error as { code: number; message: string };
  return [code, message];
};

describe('malformed lines', () => {
  it('are a table of more than twenty-five, for each of the dialects', () => {
    expect(table.length).toBeGreaterThan(25);
    expect(new Set(table.map(({ dialect }) => dialect))).toEqual(new Set(Object.keys(begin)));
  });

  it.each(table.map((row) => [`${row.dialect}: ${row.name}`, row] as const))('%s', (_name, row) => {
    const driver = begin[row.dialect]?.(startDriver()) ?? startDriver();
    const [reply] = feed(driver, Buffer.concat([row.line, Buffer.from('\n')]));
    expect(refusalOf(reply)).toEqual([row.code, expect.stringMatching(new RegExp(`^${row.text}`))]);
    expect([undefined, null, false]).toContain(reply?.result);
    expect(driver.session.closed).toBe(row.after === 'closed');
    if (row.after === 'open') expect(driver.call('next', 'no.such', []).length).toBe(1);
  });

  it.each(Object.keys(begin))('send a peer away that produces nothing else: %s', (dialect) => {
    const driver = begin[dialect]?.(startDriver()) ?? startDriver();
    for (let i = 0; i < 1000 && !driver.session.closed; i++) driver.line('garbage');
    expect(driver.of('close')).toEqual([{ kind: 'close', reason: 'too-many-faults' }]);
    expect(driver.line('{"id":1,"method":"eth_getWork"}')).toEqual([]);
  });
});
