import { readFileSync } from 'node:fs';
import { LineDecoder, decodeMessage } from '@otedama/stratum';
import { type Driver, type Sent, startDriver } from './session.fixture.ts';

const quirks = readFileSync(new URL('../../QUIRKS.md', import.meta.url), 'utf8');

interface Row {
  readonly name: string;
  readonly line: Buffer;
  readonly code: number;
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
    const [name = '', bytes = '', code = '', text = '', after = ''] = line.slice(2, -2).split(' | ');
    return { name, line: bytesOf(bytes), code: Number(code), text, after };
  });

const feed = (driver: Driver, decoder: LineDecoder, bytes: Buffer): Sent[] => {
  const from = driver.sent.length;
  decoder.push(bytes);
  for (let next = decoder.next(); next.kind !== 'need-more'; next = decoder.next()) {
    driver.event(next.kind === 'line' ? { kind: 'message', message: decodeMessage(next.bytes) } : next);
  }
  return driver.sent.slice(from);
};

describe('malformed lines', () => {
  it('are a table of more than twenty', () => {
    expect(table.length).toBeGreaterThan(20);
  });

  it.each(table.map((row) => [row.name, row] as const))('%s', (_name, { line, code, text, after }) => {
    const tls = line[0] === 0x16;
    const driver = startDriver();
    if (!tls) driver.ready();
    const decoder = new LineDecoder();
    const filled = Buffer.from(line.toString('latin1').replace('"J"', '"1a00"'), 'latin1');
    const [reply] = feed(driver, decoder, Buffer.concat([filled, Buffer.from('\n')]));
    expect(reply?.error).toEqual([code, expect.stringMatching(new RegExp(`^${text}`)), null]);
    expect(reply?.result).toBeNull();
    expect(driver.session.closed).toBe(after === 'closed');
    if (after === 'open') {
      expect(
        feed(driver, decoder, Buffer.from('{"id":"next","method":"mining.ping","params":[]}\n')),
      ).toEqual([{ id: 'next', result: 'pong', error: null }]);
    }
  });

  it('send a peer away that produces nothing else', () => {
    const driver = startDriver();
    driver.ready();
    for (let i = 0; i < 1000 && !driver.session.closed; i++) driver.line('garbage');
    expect(driver.of('close')).toEqual([{ kind: 'close', reason: 'too-many-faults' }]);
    expect(driver.sent.at(-1)).toMatchObject({ method: 'client.show_message' });
    expect(driver.line('{"id":1,"method":"mining.ping"}')).toEqual([]);
  });
});
