import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';

interface Running {
  readonly child: ChildProcess;
  readonly height: number;
  call(method: string, ...params: unknown[]): Promise<never>;
}

const running: ChildProcess[] = [];
let dir = '';

const start = async (rules: string): Promise<Running> => {
  const args = [MAIN, '--data-dir', dir, '--rpc-port', '0', '--api-key', 'secret', '--rules', rules];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  running.push(child);
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const { ready, rpcUrl, height } = JSON.parse(line) as { ready: boolean; rpcUrl: string; height: number };
  expect(ready).toBe(true);
  const authorization = `Basic ${Buffer.from('x:secret').toString('base64')}`;
  const call = async (method: string, ...params: unknown[]): Promise<never> => {
    const body = JSON.stringify({ id: 1, method, params });
    const headers = { authorization, 'content-type': 'application/json' };
    const reply = await fetch(rpcUrl, { method: 'POST', headers, body });
    const { result, error } = (await reply.json()) as { result: never; error: unknown };
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  };
  return { child, height, call };
};

const closeStdin = async (child: ChildProcess): Promise<unknown> => {
  const exit = once(child, 'exit');
  child.stdin?.end();
  return (await exit)[0];
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'playground-'));
});

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
  rmSync(dir, { recursive: true });
});

describe('playground process', () => {
  it('offers work at height 0 without peers, answers long polls, and ends when its parent does', async () => {
    const { child, call } = await start('playground');
    const template = (await call('getblocktemplate', { rules: ['segwit'] })) as Record<string, unknown>;
    expect(template).toMatchObject({ height: 1, bits: '207fffff', coinbasevalue: 5_000_000_000 });
    const next = call('getblocktemplate', { rules: ['segwit'], longpollid: template['longpollid'] });
    await call('generatetoaddress', 1, ADDRESS);
    expect(await next).toMatchObject({ height: 2 });
    await call('generatetoaddress', 3, ADDRESS);
    const harder = (await call('getblocktemplate', { rules: ['segwit'] })) as Record<string, unknown>;
    expect(harder['height']).toBe(5);
    expect(harder['bits']).not.toBe('207fffff');
    expect(await closeStdin(child)).toBe(0);
  });

  it('keeps its blocks over a kill, and takes blocks back in regtest mode', async () => {
    const first = await start('regtest');
    await first.call('generatetoaddress', 12, ADDRESS);
    const exit = once(first.child, 'exit');
    first.child.kill('SIGKILL');
    await exit;
    const { child, call, height } = await start('regtest');
    expect(height).toBe(12);
    await call('invalidateblock', await call('getbestblockhash'));
    expect(await call('getblocktemplate', { rules: ['segwit'] })).toMatchObject({
      height: 12,
      bits: '207fffff',
    });
    await call('generatetoaddress', 2, ADDRESS);
    expect(await call('getblockcount')).toBe(13);
    expect(await closeStdin(child)).toBe(0);
  });

  it('says what is wrong with its options, and that a folder is in use', async () => {
    const bad = spawn(process.execPath, [MAIN, '--data-dir', dir], { stdio: 'pipe' });
    const text: string[] = [];
    bad.stderr.on('data', (chunk: Buffer) => text.push(chunk.toString()));
    expect((await once(bad, 'close'))[0]).toBe(2);
    expect(text.join('')).toContain('--api-key is missing');
    await start('regtest');
    const args = [MAIN, '--data-dir', dir, '--rpc-port', '0', '--api-key', 'k'];
    const second = spawn(process.execPath, args, { stdio: 'pipe' });
    second.stderr.on('data', (chunk: Buffer) => text.push(chunk.toString()));
    expect((await once(second, 'close'))[0]).toBe(1);
    expect(text.join('')).toContain('is used by another process');
  });
});
