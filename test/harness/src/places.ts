/** Ports, scratch directories, and where the programs are. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

export const REPOSITORY = resolve(import.meta.dirname, '../../..');

/** The port, or one that nobody has for 0; undefined when it is taken. Another process may take it after. */
const probePort = (wanted: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : undefined;
      probe.close(() => resolve(port));
    });
  });

export const isFree = async (port: number): Promise<boolean> => (await probePort(port)) !== undefined;

export const freePort = async (): Promise<number> => {
  const port = await probePort(0);
  if (port === undefined) throw new Error('no port is free');
  return port;
};

export interface Scratch {
  readonly path: string;
  remove(): void;
}

export const scratchDirectory = (name: string): Scratch => {
  const path = mkdtempSync(join(tmpdir(), `otedama-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
};

/** First existing of the candidates: absolute paths, or names looked up on the PATH. */
export const findProgram = (candidates: readonly string[]): string | undefined => {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const candidate of candidates) {
    const places = candidate.includes('/') ? [candidate] : folders.map((folder) => join(folder, candidate));
    const found = places.find((place) => existsSync(place));
    if (found !== undefined) return found;
  }
  return undefined;
};

/** For what cannot be tested without it. */
export const missingComponent = (component: string): Error =>
  new Error(`${component} is missing: run npm test or sh tools/test-components.sh`);

/**
 * `describe` where the component exists, `describe.skip` where it does not. Under CI a missing component is
 * an error: a check that did not run must not look like one that passed.
 */
export const describeWith = (
  component: string,
  found: string | undefined,
): typeof describe | typeof describe.skip => {
  if (found !== undefined) return describe;
  if (process.env['CI'] === 'true') throw missingComponent(component);
  return describe.skip;
};

/** Debian's /usr/bin/litecoind is a wrapper that writes into the home directory. */
export const litecoind = (): string | undefined => findProgram(['/usr/lib/litecoin/litecoind', 'litecoind']);
export const monerod = (): string | undefined => findProgram(['monerod']);
export const moneroWalletRpc = (): string | undefined => findProgram(['monero-wallet-rpc']);
/** Built by tools/test-components.sh: a geth on the PATH would be one that no longer mines. */
export const ethashGeth = (): string | undefined => findProgram([join(REPOSITORY, '.tools/bin/geth')]);
export const chromium = (): string | undefined =>
  findProgram(['chromium', 'chromium-browser', 'google-chrome']);
