// Bundles one program into one CommonJS file, and fills the compile cache that lies beside that of a service:
// CommonJS, one file and a warm cache make the start-up budget (docs/adr/0001). The cache of the command is left to
// its first run. Native and data-carrying packages stay outside.
//   node tools/bundle.mjs APP [NAME]      apps/APP/src/main.ts -> apps/APP/dist/NAME.cjs (default: APP)
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { lateParts } from './late-parts.mjs';
import { packagesOf } from './packages-of.mjs';
import { warmUp } from './warm-up.mjs';

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
const { output } = await bundle.write({
  file,
  format: 'cjs',
  codeSplitting: false,
  keepNames: true,
  comments: false,
  minify: { compress: false, mangle: false, codegen },
});
await bundle.close();
const moduleIds = output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
writeFileSync(join(dist, '.packages.json'), `${JSON.stringify(packagesOf(moduleIds), undefined, 2)}\n`);

rmSync(cache, { recursive: true, force: true });
if (app !== 'cli') await warmUp({ file, cache });
