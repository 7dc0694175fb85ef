import type { ConnectionOptions } from '@otedama/daemon-rpc/rpc';

/** To a daemon that asks for no password. */
export const connectionTo = (url: string): ConnectionOptions => ({
  name: url,
  url,
  user: '',
  password: { reveal: () => '' },
});
