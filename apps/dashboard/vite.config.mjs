import { defineConfig } from 'vite';

/** Where `vite dev` finds a running Otedama: its live data on the page under development. */
const api = process.env.OTEDAMA_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  // Relative: the built page works under any path of a reverse proxy.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    // The page's CSP admits no data URLs for scripts and no inline anything.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': { target: api, ws: true, changeOrigin: true } } },
});
