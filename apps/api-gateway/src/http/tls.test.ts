import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { connect } from 'node:net';
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

itWithOpenssl(
  'serves HTTPS and the live feed with the configured certificate, to each address by itself',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'otedama-tls-'));
    const tls = makeCertificate(dir);
    const ca = readFileSync(tls.certFile);
    const api = await startGateway({ api: { tls, rateLimitPerSecond: 10 } });
    const headersFor = (localAddress: string): Promise<NodeJS.Dict<string | string[]>> =>
      new Promise((resolve, reject) => {
        get(`${api.url}/api/status`, { ca, localAddress }, (response) => {
          response.resume();
          response.on('end', () => resolve(response.headers));
        }).on('error', reject);
      });
    try {
      const headers = await headersFor('127.0.0.1');
      expect(headers['strict-transport-security']).toMatch('max-age=');
      expect(headers['ratelimit']).toBe('"address";r=19;t=1');
      expect((await headersFor('127.0.0.2'))['ratelimit']).toBe('"address";r=19;t=1');
      const socket = new WebSocket(`wss://127.0.0.1:${api.port}/api/ws`, { ca, origin: api.url });
      const frame = await new Promise<string>((resolve, reject) => {
        socket.on('message', (data: Buffer) => resolve(data.toString('utf8')));
        socket.on('error', reject);
      });
      expect(frame).toContain('"type":"welcome"');
      socket.terminate();
      const plain = connect({ host: '127.0.0.1', port: api.port });
      plain.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await new Promise((resolve) => plain.on('error', () => undefined).once('close', resolve));
      expect((await headersFor('127.0.0.3'))['ratelimit']).toBe('"address";r=19;t=1');
    } finally {
      await api.stop();
      rmSync(dir, { recursive: true });
    }
  },
);
