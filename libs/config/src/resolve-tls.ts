/** Certificate and key of a listener: both named, both readable, both PEM. */
import { type ResolveContext, absolutePath, readNamedFile } from './context.ts';
import type { TlsConfig } from './model.ts';
import type { Path } from './problem.ts';

interface RawTls {
  readonly cert_file?: string | undefined;
  readonly key_file?: string | undefined;
}

export interface NamedFile {
  readonly file: string;
  readonly path: Path;
}

const ownOrCommon = (
  context: ResolveContext,
  section: Path,
  own: RawTls | undefined,
  key: 'cert_file' | 'key_file',
): NamedFile | undefined => {
  const ownFile = own?.[key];
  if (ownFile !== undefined) return { file: ownFile, path: [...section, key] };
  const common = context.raw.security?.[key];
  return common === undefined ? undefined : { file: common, path: ['security', key] };
};

/** The absolute path of a file that is there and looks like PEM. */
export const pemFile = (context: ResolveContext, named: NamedFile): string | undefined => {
  const text = readNamedFile(context, named.file, named.path);
  if (text === undefined) return undefined;
  if (text.includes('-----BEGIN ')) return absolutePath(context, named.file);
  context.report.problem(named.path, `${JSON.stringify(named.file)} is not a PEM file`);
  return undefined;
};

/** `switchPath` is the key that asked for TLS; `section` may name files of its own. */
export const resolveTls = (
  context: ResolveContext,
  switchPath: Path,
  section: Path,
  own: RawTls | undefined,
): TlsConfig | undefined => {
  const files = (['cert_file', 'key_file'] as const).map((key) => {
    const named = ownOrCommon(context, section, own, key);
    if (named !== undefined) return pemFile(context, named);
    if (!context.report.isBroken(['security', key])) {
      context.report.problem(switchPath, `TLS needs a "${key}" here or in security`);
    }
    return undefined;
  });
  const [certFile, keyFile] = files;
  return certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile };
};
