import fc from 'fast-check';
import { type DecodedLine, LineDecoder } from './line-decoder.ts';

const drain = (decoder: LineDecoder): string[] => {
  const out: string[] = [];
  for (;;) {
    const next: DecodedLine = decoder.next();
    if (next.kind === 'need-more') return out;
    out.push(next.kind === 'line' ? next.bytes.toString('latin1') : `!${next.violation}`);
  }
};

const feed = (chunks: readonly Buffer[], max = 64): string[] => {
  const decoder = new LineDecoder(max);
  return chunks.flatMap((chunk) => {
    decoder.push(chunk);
    return drain(decoder);
  });
};

const cut = (bytes: Buffer, points: readonly number[]): Buffer[] => {
  const sorted = [...points.map((point) => point % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  return sorted.map((to) => {
    const part = bytes.subarray(from, to);
    from = to;
    return Buffer.from(part);
  });
};

describe('LineDecoder', () => {
  it('gives whole lines without their ends, and skips empty ones', () => {
    expect(feed([Buffer.from('a\r\nb\n\n\r\nc\n')])).toEqual(['a', 'b', 'c']);
  });

  it('gives the same lines and violations however the bytes are split', () => {
    const line = fc.oneof(
      { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom('a', '{', '"', '\r', ' '), maxLength: 30 }) },
      { weight: 1, arbitrary: fc.constant('x'.repeat(65)) },
      { weight: 1, arbitrary: fc.constant('y'.repeat(500)) },
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 12 }),
        fc.array(fc.nat(4000), { maxLength: 20 }),
        (texts, points) => {
          const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
          expect(feed(cut(bytes, points))).toEqual(feed([bytes]));
        },
      ),
    );
  });

  it('keeps nothing of a chunk that it has released', () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom('a', '{', '\r'), maxLength: 90 }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(1000), { maxLength: 20 }), fc.nat(3), (lines, points, taken) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const decoder = new LineDecoder(64);
        const memory = Buffer.alloc(bytes.length);
        const out: string[] = [];
        for (const chunk of cut(bytes, points)) {
          memory.fill('!');
          chunk.copy(memory);
          decoder.push(memory.subarray(0, chunk.length));
          // Whoever is held up stops in the middle of a chunk.
          for (let i = 0; i < taken; i++) {
            const next = decoder.next();
            if (next.kind === 'line') out.push(next.bytes.toString('latin1'));
            if (next.kind === 'violation') out.push(`!${next.violation}`);
          }
          decoder.release();
        }
        memory.fill('!');
        expect([...out, ...drain(decoder)]).toEqual(feed([bytes]));
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads one byte at a time', () => {
    const bytes = Buffer.from('{"id":1}\n{"id":2}\r\n');
    expect(feed(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(['{"id":1}', '{"id":2}']);
  });

  it('reports a line that is too long once, before its end is seen, and goes on with the next', () => {
    const decoder = new LineDecoder(16);
    decoder.push(Buffer.from('z'.repeat(17)));
    expect(drain(decoder)).toEqual(['!line-too-long']);
    for (let i = 0; i < 100; i++) {
      decoder.push(Buffer.from('z'.repeat(1000)));
      expect(drain(decoder)).toEqual([]);
      expect(decoder.bufferedBytes).toBe(0);
    }
    decoder.push(Buffer.from('tail\nnext\n'));
    expect(drain(decoder)).toEqual(['next']);
  });

  it('accepts a line of exactly the limit', () => {
    expect(feed([Buffer.from(`${'a'.repeat(16)}\n${'b'.repeat(17)}\n`)], 16)).toEqual([
      'a'.repeat(16),
      '!line-too-long',
    ]);
  });

  it('tells a TLS client from garbage by the first byte of the connection only', () => {
    expect(feed([Buffer.of(0x16, 3, 1, 2, 0)])).toEqual(['!tls-handshake']);
    expect(feed([Buffer.from('a\n'), Buffer.of(0x16, 3, 0x0a)])).toEqual(['a', '\x16\x03']);
  });

  it.each([
    ['version 1', Buffer.from('PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n{"id":1}\n')],
    ['version 2', Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11', 'latin1')],
  ])('tells a PROXY header of %s at the beginning only, however it is cut', (_version, bytes) => {
    for (let at = 0; at < 8; at++) {
      expect(feed([bytes.subarray(0, at), bytes.subarray(at)])[0]).toBe('!proxy-header');
    }
    expect(feed([Buffer.concat([Buffer.from('\na\n'), bytes])])).not.toContain('!proxy-header');
    expect(feed([Buffer.from('PROXYS\n')])).toEqual(['PROXYS']);
  });

  it('lets a caller stop in the middle of a chunk and go on after the next push', () => {
    const decoder = new LineDecoder();
    decoder.push(Buffer.from('one\ntwo\nthr'));
    expect(decoder.next()).toMatchObject({ kind: 'line' });
    decoder.push(Buffer.from('ee\n'));
    expect(drain(decoder)).toEqual(['two', 'three']);
  });

  it('takes longer lines once it is told to', () => {
    const decoder = new LineDecoder(4);
    const long = `${'x'.repeat(16)}\n`;
    decoder.push(Buffer.from(long));
    expect(drain(decoder)).toEqual(['!line-too-long']);
    decoder.limitLines(16);
    decoder.push(Buffer.from(long));
    decoder.push(Buffer.from(`x${long}`));
    expect(drain(decoder)).toEqual(['x'.repeat(16), '!line-too-long']);
  });

  it('never holds more than a line and a chunk, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 40 }), (chunks) => {
        const decoder = new LineDecoder(64);
        for (const chunk of chunks) {
          decoder.push(Buffer.from(chunk));
          drain(decoder);
          expect(decoder.bufferedBytes).toBeLessThanOrEqual(64);
        }
      }),
    );
  });

  it('takes a long line byte by byte without copying it for each', () => {
    const bytes = 256 * 1024;
    const decoder = new LineDecoder(bytes);
    const one = Buffer.from('a');
    const startedAt = performance.now();
    for (let at = 0; at < bytes; at++) {
      decoder.push(one);
      decoder.next();
    }
    // A copy of all that waits for each byte would be 34 GB.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    decoder.push(Buffer.from('\nb\n'));
    expect(decoder.next()).toMatchObject({ kind: 'line', bytes: Buffer.alloc(bytes, 'a') });
    expect(decoder.next()).toMatchObject({ kind: 'line', bytes: Buffer.from('b') });
  });
});
