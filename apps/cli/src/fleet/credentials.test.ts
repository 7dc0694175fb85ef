import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN, connectNats, credentialFileOf, ensureStreams, inboxPrefix } from '@otedama/bus/nats';
import { silentLogger } from '@otedama/contracts';
import {
  type Scratch,
  TestProcess,
  describeWith,
  freePort,
  natsServerProgram,
  scratchDirectory,
} from '@otedama/test-harness';
import { writeCredentials } from './credentials.ts';

const program = natsServerProgram();

describeWith('nats-server', program)('the credentials of a fleet', () => {
  let scratch: Scratch;
  beforeEach(() => {
    scratch = scratchDirectory('credentials');
  });
  let server: TestProcess | undefined;
  afterEach(async () => {
    await server?.[Symbol.asyncDispose]();
    scratch.remove();
  });
  const serve = async (dir: string): Promise<void> => {
    const started = new TestProcess('nats-server', program ?? '', ['-c', join(dir, 'nats-server.conf')]);
    server = started;
    await started.until('ready', async () => started.output.includes('Server is ready') || undefined);
  };

  it('let services in over TLS, and nobody else', async () => {
    const dir = join(scratch.path, 'keys');
    const storeDir = join(scratch.path, 'data');
    mkdirSync(storeDir);
    const port = await freePort();
    writeCredentials({
      dir,
      server: { host: '127.0.0.1', port, storeDir },
      tlsNames: ['127.0.0.1', 'nats.example'],
    });
    expect(statSync(join(dir, credentialFileOf(ADMIN))).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'ca.key')).mode & 0o077).toBe(0);

    await serve(dir);
    const options = {
      servers: [`nats://127.0.0.1:${port}`],
      name: 'test',
      tls: { caFile: join(dir, 'ca.pem') },
    };
    const link = await connectNats(
      { ...options, nkeyFile: join(dir, credentialFileOf(ADMIN)), inboxPrefix: inboxPrefix(ADMIN) },
      { logger: silentLogger, signal: AbortSignal.timeout(20_000) },
    );
    await ensureStreams(link);
    await link.close();

    const refused: string[] = [];
    const onState = (state: { state: string; reason?: string }): void =>
      void refused.push(state.reason ?? '');
    const signal = AbortSignal.timeout(1_000);
    await expect(connectNats(options, { logger: silentLogger, signal, onState })).rejects.toThrow();
    expect(refused.join()).toMatch(/authorization/i);
    expect(readFileSync(join(dir, 'nats-users.conf'), 'utf8')).not.toMatch(/^\s*nkey: S/m);
  });

  it.each([
    ['127.0.0.1', ['localhost', '127.0.0.2'], /IP: 127\.0\.0\.1 is not in the cert's list/],
    ['localhost', ['127.0.0.1', '::1'], /Host: localhost\. is not cert's CN/],
  ])('are not taken at %s from a server that has a certificate for %j', async (host, tlsNames, reason) => {
    const dir = join(scratch.path, 'keys');
    const port = await freePort();
    const storeDir = join(scratch.path, 'data');
    writeCredentials({ dir, server: { host: '127.0.0.1', port, storeDir }, tlsNames });
    await serve(dir);
    const refused: string[] = [];
    const connecting = connectNats(
      {
        servers: [`nats://${host}:${port}`],
        name: 'test',
        nkeyFile: join(dir, credentialFileOf(ADMIN)),
        tls: { caFile: join(dir, 'ca.pem') },
      },
      {
        logger: silentLogger,
        signal: AbortSignal.timeout(1_000),
        onState: (state) => void refused.push(state.state === 'down' ? state.reason : 'let in'),
      },
    );
    await expect(connecting).rejects.toThrow();
    expect(refused.join()).toMatch(reason);
  });
});
