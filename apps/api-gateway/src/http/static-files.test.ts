import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type TestGateway, startGateway } from '../testing/harness.ts';
import { listDashboardFiles } from './static-files.ts';

let api: TestGateway;
let dir: string;

const SCRIPT = 'console.log("hello");'.repeat(50);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'otedama-dashboard-'));
  mkdirSync(join(dir, 'assets'));
  writeFileSync(join(dir, 'index.html'), '<!doctype html><title>Otedama</title>');
  writeFileSync(join(dir, 'favicon.svg'), '<svg/>');
  writeFileSync(join(dir, 'assets', 'index-Ab12.js'), SCRIPT);
  writeFileSync(join(dir, '.env'), 'SECRET=1');
  writeFileSync(join(dir, 'notes.md'), '# notes');
  api = await startGateway({ dashboardDir: dir });
});
afterAll(async () => {
  await api.stop();
  rmSync(dir, { recursive: true });
});

/** Headers and raw bytes: fetch() would undo the compression. */
const raw = (path: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; bytes: number }>(
    (resolve, reject) => {
      const outgoing = request(`${api.url}${path}`, { headers }, (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, bytes }));
      });
      outgoing.on('error', reject);
      outgoing.end();
    },
  );

it('serves the page at / and asks to revalidate it', async () => {
  const response = await fetch(`${api.url}/`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-cache');
  expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
  await expect(response.text()).resolves.toContain('<title>Otedama</title>');
});

it('lets hashed files be kept for ever', async () => {
  const { headers, status } = await raw('/assets/index-Ab12.js');
  expect(status).toBe(200);
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
});

it('compresses for who can take it', async () => {
  const zipped = await raw('/assets/index-Ab12.js', { 'accept-encoding': 'br, gzip;q=0.8' });
  expect(zipped.headers['content-encoding']).toBe('gzip');
  expect(zipped.bytes).toBeLessThan(SCRIPT.length / 4);
  const plain = await raw('/assets/index-Ab12.js', { 'accept-encoding': 'gzip;q=0' });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(plain.bytes).toBe(SCRIPT.length);
  expect(plain.headers['vary']).toBe('accept-encoding');
});

it('answers 304 to who has it', async () => {
  const first = await raw('/');
  const etag = String(first.headers['etag']);
  expect((await raw('/', { 'if-none-match': etag })).status).toBe(304);
  expect((await raw('/', { 'if-none-match': '"other"' })).status).toBe(200);
});

it('serves nothing but what it lists', async () => {
  for (const path of [
    '/.env',
    '/notes.md',
    '/assets/',
    '/assets/%2e%2e/.env',
    '/assets/..%2f.env',
    '/index.html',
  ]) {
    expect((await raw(path)).status).toBe(404);
  }
});

it('lists nothing where nothing was built', () => {
  expect(listDashboardFiles(join(dir, 'absent'))).toEqual([]);
});
