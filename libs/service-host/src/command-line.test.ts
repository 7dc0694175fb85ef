import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from '@otedama/test-harness';
import { UsageError, readCommandLine } from './command-line.ts';

const REAL_POOL = `pool:
  coin: bitcoin
  network: regtest
  payout_address: bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080
  daemons: [{url: 'http://127.0.0.1:18443', user: rpc, password: secret}]
`;

describe('the command line of a service', () => {
  const scratch = scratchDirectory('command-line');
  afterAll(() => scratch.remove());
  const file = join(scratch.path, 'pool.yaml');
  const read = (text: string, args: readonly string[] = [], env: Record<string, string> = {}) => {
    writeFileSync(file, text);
    const own = ['--config', file, '--data-dir', join(scratch.path, 'data'), ...args];
    return readCommandLine('share-validator', own, env);
  };

  it('names a file and a folder, and the environment fills in the rest', () => {
    const { config } = read(REAL_POOL, [], { OTEDAMA_NATS_SERVERS: 'nats://a:4222' });
    expect(config.app.dataDir).toBe(join(scratch.path, 'data'));
    expect(config.nats?.servers).toEqual(['nats://a:4222']);
  });

  it('judges the configuration and leaves no trace when it is only to check it', () => {
    const env = { OTEDAMA_NATS_SERVERS: 'nats://a:4222', OTEDAMA_APP_DATA_DIR: join(scratch.path, 'unused') };
    writeFileSync(file, REAL_POOL);
    expect(readCommandLine('share-validator', ['--config', file, '--check'], env).isCheck).toBe(true);
    expect(existsSync(join(scratch.path, 'unused'))).toBe(false);
    expect(() => read('nats: {servers: 7}\n', ['--check'])).toThrow(UsageError);
  });

  it('asks of a service for no secret of another', () => {
    const text = REAL_POOL.replace('password: secret', 'password_file: empty');
    const env = { OTEDAMA_NATS_SERVERS: 'nats://a:4222' };
    writeFileSync(join(scratch.path, 'empty'), '');
    expect(() => read(text, [], env)).toThrow(/password_file: "empty" is empty/);
    const { config } = readCommandLine('stratum-gateway', ['--config', file], {
      ...env,
      OTEDAMA_APP_DATA_DIR: scratch.path,
    });
    expect(config.pools).toHaveLength(1);
  });

  it.each([
    ['an unknown option', REAL_POOL, ['--verbose'], /Unknown option '--verbose'[^]*usage: share-validator/],
    ['no NATS', REAL_POOL, [], /nats\.servers is not configured/],
    ['no pool', 'nats: {servers: "nats://a:4222"}\n', [], /no pool is configured, nor playground\.url/],
    ['a mistake', 'nats: {servers: 7}\n', [], /pool\.yaml:1:17: nats\.servers: 7 is not/],
  ])('refuses %s', (_name, text, args, message) => {
    const attempt = (): unknown => read(text, args);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(message);
  });
});
