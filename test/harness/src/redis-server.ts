/** A real redis-server on a free port that keeps nothing on disk: killed, it comes back empty. */
import { createConnection } from 'node:net';
import { findProgram, freePort } from './places.ts';
import { ServerProcess } from './server-process.ts';

export const redisServerProgram = (): string | undefined => findProgram(['redis-server']);

const answers = (port: number): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (bytes: Buffer) => {
      socket.destroy();
      resolve(bytes.toString('latin1').startsWith('+PONG') ? true : undefined);
    });
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => resolve(undefined));
  });

export const startRedis = async (options: { readonly port?: number } = {}): Promise<ServerProcess> => {
  const program = redisServerProgram();
  if (program === undefined) throw new Error('redis-server is missing');
  const port = options.port ?? (await freePort());
  const server = new ServerProcess({
    name: 'redis-server',
    url: `redis://127.0.0.1:${port}`,
    port,
    program,
    args: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
    isReady: () => answers(port),
  });
  await server.start();
  return server;
};
