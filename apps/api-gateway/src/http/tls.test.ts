import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { WebSocket } from 'ws';

import { startGateway } from '../testing/harness.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) process.stderr.write('TLS test skipped: no openssl to make a certificate with\n');
const itWithOpenssl = hasOpenssl ? it : it.skip;

function makeCertificate(dir: string): { certFile: string; keyFile: string } {
  const files = { certFile: join(dir, 'cert.pem'), keyFile: join(dir, 'key.pem') };
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1'];
  const out = ['-keyout', files.keyFile, '-out', files.certFile];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject, ...out], { stdio: 'ignore' });
  return files;
}

itWithOpenssl('serves HTTPS and the live feed with the configured certificate', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'otedama-tls-'));
  const tls = makeCertificate(dir);
  const ca = readFileSync(tls.certFile);
  const api = await startGateway({ api: { tls } });
  const headers = await new Promise<NodeJS.Dict<string | string[]>>((resolve, reject) => {
    get(`${api.url}/api/status`, { ca }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.headers));
    }).on('error', reject);
  });
  expect(headers['strict-transport-security']).toMatch('max-age=');
  const socket = new WebSocket(`wss://127.0.0.1:${api.port}/api/ws`, { ca, origin: api.url });
  const frame = await new Promise<string>((resolve, reject) => {
    socket.on('message', (data: Buffer) => resolve(data.toString('utf8')));
    socket.on('error', reject);
  });
  expect(frame).toContain('"type":"welcome"');
  socket.terminate();
  await api.stop();
  rmSync(dir, { recursive: true });
});
