import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { packagesOf } from '../../tools/packages-of.mjs';

/** Where `vite dev` finds a running Otedama: its live data on the page under development. */
const api = process.env.OTEDAMA_API ?? 'http://127.0.0.1:8080';

/** What the page carries of others, beside it for the bill of materials. */
const packageList = {
  name: 'package-list',
  writeBundle({ dir }, bundle) {
    const moduleIds = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
    writeFileSync(join(dir, '.packages.json'), `${JSON.stringify(packagesOf(moduleIds), undefined, 2)}\n`);
  },
};

export default defineConfig({
  // Relative: the built page works under any path of a reverse proxy.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [packageList],
  build: {
    target: 'es2022',
    // The page's CSP admits no data URLs for scripts and no inline anything.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': { target: api, ws: true, changeOrigin: true } } },
});
