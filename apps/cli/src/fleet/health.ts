/** Asks a process of the fleet how it is. */
import { createConnection } from 'node:net';
import type { HealthPlace } from './state.ts';

export interface ProcessHealth {
  readonly isReady: boolean;
  /** What is missing, where it says so. */
  readonly reasons: readonly string[];
}

const TIMEOUT_MS = 2_000;
const READY: ProcessHealth = { isReady: true, reasons: [] };

interface Parts {
  readonly parts?: Readonly<Record<string, { readonly state?: string; readonly reason?: string }>>;
}

const reasonsIn = (body: unknown): string[] =>
  Object.entries((body as Parts).parts ?? {})
    .filter(([, part]) => part.state !== 'up')
    .map(([name, part]) => `${name} ${part.state}: ${part.reason ?? ''}`);

const askHttp = async (url: string): Promise<ProcessHealth> => {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { isReady: reply.ok, reasons: reasonsIn(await reply.json()) };
  } catch {
    // Whatever it is that does not answer: nothing more can be known from here.
    return { isReady: false, reasons: ['no answer'] };
  }
};

const askPort = (port: number): Promise<ProcessHealth> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: TIMEOUT_MS });
    const end = (health: ProcessHealth): void => {
      socket.destroy();
      resolve(health);
    };
    socket.once('connect', () => end(READY));
    for (const event of ['error', 'timeout'] as const) {
      socket.once(event, () => end({ isReady: false, reasons: ['no answer'] }));
    }
  });

export const askHealth = async (place: HealthPlace): Promise<ProcessHealth> => {
  switch (place.kind) {
    case 'http':
      return askHttp(place.url);
    case 'port':
      return askPort(place.port);
    case 'process':
      return READY;
  }
};
