/** A real nats-server on a free port, its data in a folder of the test. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { findProgram, freePort } from './places.ts';
import { ServerProcess } from './server-process.ts';

export const natsServerProgram = (): string | undefined =>
  findProgram(['nats-server', '/usr/sbin/nats-server', '/usr/local/bin/nats-server']);

export interface NatsServerOptions {
  readonly dir: string;
  readonly port?: number;
  /** Added to the configuration: accounts, TLS, limits. */
  readonly config?: string;
}

/** It greets every connection with what it is, before it knows who that is. */
const greets = (port: number): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('data', (bytes: Buffer) => {
      socket.destroy();
      resolve(bytes.toString('latin1').startsWith('INFO ') ? true : undefined);
    });
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => resolve(undefined));
  });

/** With a configuration that is there already, which says this port. */
export const startNatsWith = async (configFile: string, port: number): Promise<ServerProcess> => {
  const program = natsServerProgram();
  if (program === undefined) throw new Error('nats-server is missing');
  const server = new ServerProcess({
    name: 'nats-server',
    url: `nats://127.0.0.1:${port}`,
    port,
    program,
    args: ['-c', configFile],
    // JetStream is ready a moment after the port is; both are said in the log.
    isReady: async ({ output }) => (output.includes('Server is ready') ? greets(port) : undefined),
  });
  await server.start();
  return server;
};

export const startNats = async ({ dir, port, config = '' }: NatsServerOptions): Promise<ServerProcess> => {
  mkdirSync(dir, { recursive: true });
  const own = port ?? (await freePort());
  const file = join(dir, 'nats-server.conf');
  writeFileSync(
    file,
    `host: "127.0.0.1"\nport: ${own}\njetstream { store_dir: ${JSON.stringify(join(dir, 'data'))} }\n${config}\n`,
  );
  return startNatsWith(file, own);
};
