/** The process's one connection to NATS, as the configuration has it, and its part in the health. */
import { join } from 'node:path';
import {
  type FleetUser,
  type NatsLink,
  type NatsOptions,
  type NatsState,
  connectNats,
  credentialFileOf,
  inboxPrefix,
} from '@otedama/bus/nats';
import type { NatsConfig } from '@otedama/config';
import type { Logger } from '@otedama/contracts';
import type { Health } from '@otedama/observability';

const tlsOf = (tls: NatsConfig['tls']): NatsOptions['tls'] =>
  tls === undefined
    ? undefined
    : {
        ...(tls.caFile === undefined ? {} : { caFile: tls.caFile }),
        ...(tls.certFile === undefined ? {} : { certFile: tls.certFile }),
        ...(tls.keyFile === undefined ? {} : { keyFile: tls.keyFile }),
      };

export const natsOptions = (config: NatsConfig, user: FleetUser, instance: string): NatsOptions => {
  const tls = tlsOf(config.tls);
  return {
    servers: config.servers,
    name: instance,
    inboxPrefix: inboxPrefix(user),
    ...(config.credentialsDir === undefined
      ? {}
      : { nkeyFile: join(config.credentialsDir, credentialFileOf(user)) }),
    ...(tls === undefined ? {} : { tls }),
  };
};

export interface NatsPart {
  /** The same connection each time. */
  link(): Promise<NatsLink>;
  isUp(): boolean;
  close(): Promise<void>;
}

/** Begins to connect at once. */
export const openNats = (
  options: NatsOptions,
  { health, logger, signal }: { health: Health; logger: Logger; signal: AbortSignal },
): NatsPart => {
  let state: NatsState = { state: 'down', reason: 'not connected yet' };
  health.add('nats', () =>
    state.state === 'up' ? { state: 'up' } : { state: 'down', reason: state.reason },
  );
  const onState = (now: NatsState): void => void (state = now);
  const connecting = connectNats(options, { logger, onState, signal });
  // Whoever waits for the link hears of a failure; without anybody it must not end the process.
  connecting.catch(() => undefined);
  return {
    link: () => connecting,
    isUp: () => state.state === 'up',
    async close() {
      const link = await connecting.catch(() => undefined);
      await link?.close();
    },
  };
};
