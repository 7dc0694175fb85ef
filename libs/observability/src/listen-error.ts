/** A listener that could not be opened, in a sentence that tells an operator what to change. */
import type { ListenAddress } from '@otedama/config';

export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code = 'LISTEN';
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is already in use',
  EACCES: 'this user may not use that port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'that host name is not known',
};

export function listenError(what: string, listen: ListenAddress, cause: unknown): ListenError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const reason = REASONS[code] ?? message;
  return new ListenError(`${what} cannot listen on ${listen.host}:${listen.port}: ${reason}.`, { cause });
}
