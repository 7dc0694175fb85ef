// Bundles every service and the command into one CommonJS file: CommonJS and one file are what make the
// start-up budget (docs/adr/0001). Native and data-carrying packages stay outside.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const here = dirname(fileURLToPath(import.meta.url));

const external = [
  '@otedama/native',
  'zeromq',
  // Optional peers of Nest that Otedama does not use; Nest asks for them only when they are configured.
  /^@nestjs\/websockets/,
  /^@grpc\//,
  '@nestjs/platform-express',
  // Optional accelerators of ws.
  'bufferutil',
  'utf-8-validate',
  '@fastify/static',
  '@fastify/view',
  '@fastify/multipart',
  'class-transformer',
  'class-validator',
  'kafkajs',
  'mqtt',
  'nats',
  'amqplib',
  'amqp-connection-manager',
  'ioredis',
  'pg-native',
];

const bundle = await rolldown({
  input: join(here, 'src/main.ts'),
  platform: 'node',
  external,
  treeshake: true,
  logLevel: 'warn',
});
rmSync(join(here, 'dist/.compile-cache'), { recursive: true, force: true });
await bundle.write({
  file: join(here, 'dist/otedama.cjs'),
  format: 'cjs',
  codeSplitting: false,
  keepNames: true,
});
await bundle.close();
