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

import.meta.jest.setTimeout(60_000);

const program = natsServerProgram();

describeWith('nats-server', program)('the credentials of a fleet', () => {
  let scratch: Scratch;
  beforeEach(() => {
    scratch = scratchDirectory('credentials');
  });
  afterEach(() => scratch.remove());

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

    await using server = new TestProcess('nats-server', program ?? '', ['-c', join(dir, 'nats-server.conf')]);
    await server.until('ready', async () => (server.output.includes('Server is ready') ? true : undefined));
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
});
