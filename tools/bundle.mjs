// Bundles one program into one CommonJS file, and fills the compile cache that lies beside that of a service:
// CommonJS, one file and a warm cache make the start-up budget (docs/adr/0001). The cache of the command is left to
// its first run. Native and data-carrying packages stay outside.
//   node tools/bundle.mjs APP [NAME]      apps/APP/src/main.ts -> apps/APP/dist/NAME.cjs (default: APP)
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { lateParts } from './late-parts.mjs';

const [app, name = app] = process.argv.slice(2);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'apps', app, 'dist');
const file = join(dist, `${name}.cjs`);
const cache = join(dist, '.compile-cache');

const external = [
  '@otedama/native',
  'zeromq',
  // Optional peers of Nest that Otedama does not use; Nest asks for them only when they are configured.
  /^@nestjs\/websockets/,
  /^@grpc\//,
  '@nestjs/platform-express',
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
  // Optional accelerators of ws and pg.
  'bufferutil',
  'utf-8-validate',
  'pg-native',
];

const bundle = await rolldown({
  input: join(root, 'apps', app, 'src/main.ts'),
  platform: 'node',
  external,
  treeshake: true,
  plugins: [lateParts],
  logLevel: 'warn',
});
// A file with no other characters than ASCII is half as large in memory. Lines stay, for the traces of errors.
const codegen = { removeWhitespace: false, asciiOnly: true };
await bundle.write({
  file,
  format: 'cjs',
  codeSplitting: false,
  keepNames: true,
  comments: false,
  minify: { compress: false, mangle: false, codegen },
});
await bundle.close();

/** A port where nobody listens: the service starts, waits for its servers, and is told to stop. */
const NOWHERE = 'nats://127.0.0.1:9';
const STARTED = '"msg":"started"';
const DEADLINE_MS = 20_000;

const warmUp = async () => {
  const dir = mkdtempSync(join(tmpdir(), 'otedama-warm-'));
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: cache,
    OTEDAMA_APP_DATA_DIR: dir,
    OTEDAMA_NATS_SERVERS: NOWHERE,
    OTEDAMA_DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
    OTEDAMA_API_ADDRESS: '127.0.0.1:0',
    OTEDAMA_MONITORING_METRICS_ADDRESS: '127.0.0.1:0',
    OTEDAMA_MONITORING_HEALTH_ADDRESS: '127.0.0.1:0',
    OTEDAMA_POOL_ENABLE: 'false',
  };
  const child = spawn(process.execPath, ['--no-warnings', file], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  let words = '';
  child.stderr.on('data', (chunk) => {
    const wasUp = words.includes(STARTED);
    words += String(chunk);
    if (!wasUp && words.includes(STARTED)) child.kill('SIGTERM');
  });
  const code = await new Promise((resolve) => {
    child.once('close', resolve);
  });
  clearTimeout(timer);
  rmSync(dir, { recursive: true, force: true });
  if (code !== 0) throw new Error(`${file} does not start: exit code ${code}\n${words}`);
};

rmSync(cache, { recursive: true, force: true });
if (app !== 'cli') await warmUp();
