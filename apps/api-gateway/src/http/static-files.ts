/**
 * Files of the dashboard and of Swagger UI. The folder is listed once, at start, and each listed file gets a
 * route of its own: a path outside the list has no route, so there is nothing to traverse. Contents are read
 * on first use and kept, plain and gzipped, with their entity tag; there are a handful of them.
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** The dashboard has about five files. More than this is not a dashboard. */
const MAX_FILES = 200;

/** Names that carry a hash of their content never change. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
const REVALIDATE = 'no-cache';

export interface StaticFile {
  /** Where it is served, with a leading slash. */
  readonly route: string;
  readonly path: string;
  readonly isImmutable: boolean;
}

interface LoadedFile {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

const compress = promisify(gzip);

/** The built dashboard: `index.html` at `/`, hashed files under `/assets/`. Empty when it was not built. */
export function listDashboardFiles(dir: string): StaticFile[] {
  let entries;
  try {
    entries = readdirSync(dir, { withFileTypes: true, recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile() && extname(entry.name) in CONTENT_TYPES)
    .slice(0, MAX_FILES)
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = relative(dir, path).split(sep).join('/');
      return {
        route: name === 'index.html' ? '/' : `/${name}`,
        path,
        isImmutable: name.startsWith('assets/'),
      };
    });
}

async function load(path: string): Promise<LoadedFile> {
  const plain = await readFile(path);
  const digest = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
  return { plain, gzipped: await compress(plain), etag: `"${digest}"` };
}

const acceptsGzip = (request: FastifyRequest): boolean =>
  /\bgzip\b(?!\s*;\s*q=0(?:\.0+)?\s*(?:,|$))/.test(String(request.headers['accept-encoding'] ?? ''));

function answer(request: FastifyRequest, reply: FastifyReply, file: StaticFile, loaded: LoadedFile) {
  reply.header('cache-control', file.isImmutable ? IMMUTABLE : REVALIDATE);
  reply.header('etag', loaded.etag);
  reply.header('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === loaded.etag) return reply.code(304).send();
  reply.type(CONTENT_TYPES[extname(file.path)] ?? 'application/octet-stream');
  if (!acceptsGzip(request)) return reply.send(loaded.plain);
  return reply.header('content-encoding', 'gzip').send(loaded.gzipped);
}

export function registerStaticFiles(server: FastifyInstance, files: readonly StaticFile[]): void {
  for (const file of files) {
    let loading: Promise<LoadedFile> | undefined;
    server.get(file.route, async (request, reply) => {
      // A failed read is not kept: the next request tries again.
      loading ??= load(file.path).catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      return answer(request, reply, file, await loading);
    });
  }
}
