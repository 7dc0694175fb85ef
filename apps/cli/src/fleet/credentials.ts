/** Writes the keys of a fleet and what its NATS servers need to know them; with TLS, an authority of its own too. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type FleetServerOptions, generateFleetCredentials } from '@otedama/bus/nats';
import { CommandFailure } from '../failure.ts';

export interface CredentialOptions {
  /** Absolute. */
  readonly dir: string;
  readonly server: Omit<FleetServerOptions, 'tls'>;
  /** Names and addresses under which the servers are reached; absent: no TLS. */
  readonly tlsNames?: readonly string[];
  /** Lines for the server beyond ours. */
  readonly serverLines?: string;
}

const SERVER_FILE = 'nats-server.conf';
const VALID_DAYS = '3650';
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

const openssl = (dir: string, args: readonly string[]): void => {
  try {
    execFileSync('openssl', ['req', '-x509', '-days', VALID_DAYS, ...KEY, ...args], {
      cwd: dir,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = isMissing
      ? 'openssl is not on the PATH. On Debian or Ubuntu: apt-get install openssl'
      : `openssl failed: ${(cause as Error).message}`;
    throw new CommandFailure(reason, 1, { cause });
  }
};

const writeCertificates = (dir: string, names: readonly string[]): FleetServerOptions['tls'] => {
  const shown = names.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`).join(',');
  openssl(dir, ['-subj', '/CN=Otedama fleet', '-keyout', 'ca.key', '-out', 'ca.pem']);
  openssl(dir, [
    '-subj',
    '/CN=nats-server',
    '-addext',
    `subjectAltName=${shown}`,
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-keyout',
    'server.key',
    '-out',
    'server.pem',
  ]);
  return { certFile: join(dir, 'server.pem'), keyFile: join(dir, 'server.key') };
};

/** New keys: servers and services that have the old ones no longer know each other. */
export const writeCredentials = ({ dir, server, tlsNames, serverLines = '' }: CredentialOptions): void => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const tls = tlsNames === undefined ? undefined : writeCertificates(dir, tlsNames);
  for (const { name, contents, mode } of generateFleetCredentials({ ...server, ...(tls && { tls }) })) {
    const file = join(dir, name);
    // A file that is there keeps its mode.
    rmSync(file, { force: true });
    writeFileSync(file, name === SERVER_FILE ? contents + serverLines : contents, { mode });
  }
};

export const hasCredentials = (dir: string): boolean => existsSync(join(dir, SERVER_FILE));
