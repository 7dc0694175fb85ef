/**
 * What of a configuration only some of its readers use. One file serves all services of a fleet, and each holds its
 * own secrets: of a part that a reader has no use for no file is read, none has to be there, and its secrets are
 * there by name only.
 */
export const CONFIG_PARTS = [
  /** Logins of coin daemons, and that there are any. */
  'daemons',
  /** Logins of what pays miners; and of the daemons, where they are the wallet or follow its payments. */
  'wallets',
  'view keys',
  'database',
  'redis',
  /** Its key, and the certificate that it is served with. */
  'api',
  /** Certificates of the listeners for miners. */
  'miners',
  /** Certificates of the connection to NATS. */
  'nats',
  /** What the collector of traces wants to be sent. */
  'traces',
] as const;
export type ConfigPart = (typeof CONFIG_PARTS)[number];

export type Uses = (part: ConfigPart) => boolean;

export const usesOf = (parts: readonly ConfigPart[] = CONFIG_PARTS): Uses => {
  const held = new Set(parts);
  return (part) => held.has(part);
};
