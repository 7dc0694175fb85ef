import { readFileSync } from 'node:fs';
import { LineDecoder, decodeMessage } from '@otedama/stratum';
import { type Driver, type Sent, ok, startDriver } from './session.fixture.ts';

const quirks = readFileSync(new URL('../../QUIRKS.md', import.meta.url), 'utf8');

interface Row {
  readonly name: string;
  readonly line: Buffer;
  readonly text: string;
  readonly after: string;
}

const bytesOf = (cell: string): Buffer => {
  const [, head = '', count, filler = ''] = /^`(.*?)`(?: and (\d+) times `(.)`)?$/.exec(cell) ?? [];
  const text = head.replace(/\\x([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(text + filler.repeat(Number(count ?? 0)), 'latin1');
};

const table: Row[] = quirks
  .slice(quirks.indexOf('## Malformed lines'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| name'))
  .map((line) => {
    const [name = '', bytes = '', text = '', after = ''] = line.slice(2, -2).split(' | ');
    return { name, line: bytesOf(bytes), text, after };
  });

const feed = (driver: Driver, decoder: LineDecoder, bytes: Buffer): Sent[] => {
  const from = driver.sent.length;
  decoder.push(bytes);
  for (let next = decoder.next(); next.kind !== 'need-more'; next = decoder.next()) {
    driver.event(next.kind === 'line' ? { kind: 'message', message: decodeMessage(next.bytes) } : next);
  }
  return driver.sent.slice(from);
};

/** Stand-ins of the table: current job, session id, a result that meets every target and one that meets none. */
const fill = (line: Buffer): Buffer =>
  Buffer.from(
    line
      .toString('latin1')
      .replace('"J"', '"1a00"')
      .replace('"S"', '"cafebabe00000001"')
      .replace('"ZERO"', `"${'00'.repeat(32)}"`)
      .replace('"ONES"', `"${'ff'.repeat(32)}"`),
    'latin1',
  );

describe('malformed lines', () => {
  it('are a table of at least twenty-five', () => {
    expect(table.length).toBeGreaterThanOrEqual(25);
  });

  it.each(table.map((row) => [row.name, row] as const))('%s', (_name, { line, text, after }) => {
    const driver = startDriver();
    if (after !== 'closed' && after !== 'open, not logged in') driver.login();
    const decoder = new LineDecoder();
    const [reply] = feed(driver, decoder, Buffer.concat([fill(line), Buffer.from('\n')]));
    expect(reply?.error).toEqual({
      code: -1,
      message: expect.stringMatching(new RegExp(`^${text}`)) as string,
    });
    expect(reply?.result).toBeUndefined();
    expect(driver.session.closed).toBe(after === 'closed');
    if (after === 'closed') return;
    const alive = { ...ok('next'), result: { status: 'KEEPALIVED' } };
    expect(feed(driver, decoder, Buffer.from('{"id":"next","method":"keepalived"}\n'))).toEqual([alive]);
  });

  it('send a peer away that produces nothing else', () => {
    const driver = startDriver();
    driver.login();
    for (let i = 0; i < 1000 && !driver.session.closed; i++) driver.line('garbage');
    expect(driver.of('close')).toEqual([{ kind: 'close', reason: 'too-many-faults' }]);
    expect(driver.line('{"id":1,"method":"keepalived"}')).toEqual([]);
  });
});
