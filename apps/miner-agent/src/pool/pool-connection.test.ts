import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { silentLogger } from '@otedama/contracts';
import { stratumV1Client } from '@otedama/stratum-v1/client';
import { ManualTime } from '../testing/manual-time.ts';
import { type ConnectionEvents, PoolConnection } from './pool-connection.ts';

const OPTIONS = {
  dialect: stratumV1Client('sha256d'),
  user: 'addr.rig',
  password: 'x',
  agent: 'otedama/test',
  versionMask: 0,
  handshakeTimeoutMs: 15_000,
  replyTimeoutMs: 60_000,
  silenceTimeoutMs: 300_000,
  workTimeoutMs: undefined,
} as const;

/** A connection over a socket that takes bytes in and never gets rid of them. */
const openDeaf = () => {
  const time = new ManualTime();
  const wire = new Duplex({ read: () => undefined, write: () => undefined });
  const reasons: string[] = [];
  const ignore = (): void => undefined;
  const events: ConnectionEvents = {
    ready: ignore,
    work: ignore,
    verdict: ignore,
    message: ignore,
    reconnect: ignore,
    closed: (reason) => reasons.push(reason),
  };
  let open = ignore;
  const connection = new PoolConnection(
    {
      dial: (_, onOpen) => {
        open = onOpen;
        return wire as unknown as Socket;
      },
      timers: time,
      clock: () => time.now,
      logger: silentLogger,
    },
    { host: 'pool.example', port: 3333, tls: false },
    OPTIONS,
    events,
  );
  return { connection, time, wire, reasons, open: () => open() };
};

describe('connection', () => {
  it('ends when the pool asks and asks but does not read the answers', () => {
    const { wire, reasons, open } = openDeaf();
    open();
    const question = Buffer.from('{"id":1,"method":"client.get_version","params":[]}\n'.repeat(500));
    for (let i = 0; i < 10 && reasons.length === 0; i++) wire.emit('data', question);
    expect(reasons).toEqual(['it does not read what we send']);
    expect(wire.destroyed).toBe(true);
    expect(wire.writableLength).toBeLessThan(70_000);
  });

  it('ends when the socket does not open, or opens and says nothing', () => {
    const unopened = openDeaf();
    unopened.time.advance(15_000);
    expect(unopened.reasons).toEqual(['it cannot be reached in time']);
    const silent = openDeaf();
    silent.open();
    silent.time.advance(15_000);
    expect(silent.reasons).toEqual(['it did not answer the login in time']);
  });

  it('says nothing of an end that was asked for', () => {
    const { connection, time, wire, reasons } = openDeaf();
    connection.close();
    time.advance(600_000);
    expect(wire.destroyed).toBe(true);
    expect(reasons).toEqual([]);
  });
});
