/**
 * Keys and configuration of the fleet's NATS servers, as files for whoever writes them. A user is an nkey: the
 * server knows the public half alone, the seed stays with its service.
 */
import { createUser } from '@nats-io/nkeys';
import { ADMIN, FLEET_SERVICES, type FleetUser, fleetPermissions } from './permissions.ts';

export interface FleetServerOptions {
  readonly host: string;
  readonly port: number;
  /** Where JetStream keeps its streams; absent: this server holds none. */
  readonly storeDir?: string;
  readonly tls?: {
    readonly certFile: string;
    readonly keyFile: string;
    /** Present: clients must show a certificate of this authority. */
    readonly clientCaFile?: string;
  };
  /** Every write reaches the disk before it is acknowledged. Needs nats-server 2.10 or newer. */
  readonly syncAlways?: boolean;
}

export interface CredentialFile {
  readonly name: string;
  readonly contents: string;
  /** Seeds are for their owner alone. */
  readonly mode: 0o600 | 0o644;
}

export interface UserKey {
  readonly seed: string;
  readonly publicKey: string;
}

const USERS_FILE = 'nats-users.conf';
const SERVER_FILE = 'nats-server.conf';

const createKey = (): UserKey => {
  const pair = createUser();
  return { seed: Buffer.from(pair.getSeed()).toString('latin1'), publicKey: pair.getPublicKey() };
};

const subjects = (list: readonly string[]): string =>
  list.map((subject) => `        ${JSON.stringify(subject)}`).join('\n');

const userBlock = (user: FleetUser, publicKey: string): string => {
  const { publish, subscribe } = fleetPermissions(user);
  return `    # ${user}
    {
      nkey: ${publicKey}
      permissions {
        publish: [
${subjects(publish)}
        ]
        subscribe: [
${subjects(subscribe)}
        ]
      }
    }`;
};

const usersFile = (
  keys: readonly (readonly [FleetUser, UserKey])[],
): string => `# Users of the fleet and what each may say and hear. Written by Otedama.
authorization {
  users: [
${keys.map(([user, { publicKey }]) => userBlock(user, publicKey)).join('\n')}
  ]
}
`;

const jetStreamBlock = (storeDir: string, syncAlways: boolean): string => `jetstream {
  store_dir: ${JSON.stringify(storeDir)}
${syncAlways ? '  sync_interval: always\n' : ''}}
`;

const tlsBlock = ({
  certFile,
  keyFile,
  clientCaFile,
}: NonNullable<FleetServerOptions['tls']>): string => `tls {
  cert_file: ${JSON.stringify(certFile)}
  key_file: ${JSON.stringify(keyFile)}
${clientCaFile === undefined ? '' : `  ca_file: ${JSON.stringify(clientCaFile)}\n  verify: true\n`}}
`;

const serverFile = ({ host, port, storeDir, tls, syncAlways = false }: FleetServerOptions): string =>
  [
    '# Written by Otedama. Servers of a cluster share the users; each has a file like this of its own.\n',
    `host: ${JSON.stringify(host)}\nport: ${port}\n`,
    storeDir === undefined ? '' : jetStreamBlock(storeDir, syncAlways),
    tls === undefined ? '' : tlsBlock(tls),
    `include ./${USERS_FILE}\n`,
  ].join('');

export const credentialFileOf = (user: FleetUser): string => `${user}.nk`;

/** New keys with every call; `newKey` is for tests. */
export const generateFleetCredentials = (
  server: FleetServerOptions,
  newKey: () => UserKey = createKey,
): readonly CredentialFile[] => {
  const keys = [...FLEET_SERVICES, ADMIN].map((user) => [user as FleetUser, newKey()] as const);
  return [
    { name: SERVER_FILE, contents: serverFile(server), mode: 0o644 },
    { name: USERS_FILE, contents: usersFile(keys), mode: 0o644 },
    ...keys.map(([user, { seed }]) => ({
      name: credentialFileOf(user),
      contents: `${seed}\n`,
      mode: 0o600 as const,
    })),
  ];
};
