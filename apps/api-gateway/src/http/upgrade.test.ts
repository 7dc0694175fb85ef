import type { IncomingMessage } from 'node:http';

import { askedBy } from './upgrade.ts';

const message = (remoteAddress: string, headers: Record<string, string>): IncomingMessage =>
  ({
    headers: { host: 'pool.example', ...headers },
    socket: { remoteAddress },
  }) as unknown as IncomingMessage;
const trust = (address: string): boolean => address.startsWith('10.');

it('believes no header where no proxy is trusted, or another one than that sent it', () => {
  const forged = {
    'x-forwarded-for': '1.2.3.4',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
  };
  for (const asked of [
    askedBy(message('5.6.7.8', forged), false),
    askedBy(message('5.6.7.8', forged), trust),
  ]) {
    expect(asked).toMatchObject({ ip: '5.6.7.8', host: 'pool.example', protocol: 'http' });
  }
});

it('takes the last address that no trusted proxy has, and what the one next to us was asked by', () => {
  const headers = {
    'x-forwarded-for': '9.9.9.9, 1.2.3.4, 10.0.0.2',
    'x-forwarded-host': 'evil.example, pool.example.org',
    'x-forwarded-proto': 'http, https',
  };
  expect(askedBy(message('10.0.0.1', headers), trust)).toMatchObject({
    ip: '1.2.3.4',
    host: 'pool.example.org',
    protocol: 'https',
  });
  expect(askedBy(message('10.0.0.1', {}), trust)).toMatchObject({ ip: '10.0.0.1', host: 'pool.example' });
});
