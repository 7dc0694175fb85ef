/**
 * How often a login may be tried. An address has a budget of its own. An account has one for strangers, and one for
 * each device that has logged in before: who tries somebody's name all day uses up the strangers' budget, and the
 * owner, on a device that is known, never notices.
 */
export interface LoginAttempt {
  /** An address, or the prefix that counts as one. */
  readonly address: string;
  readonly name: string;
  /** Of a device that has proved an earlier login to this account. */
  readonly deviceId: string | undefined;
}

export interface Budget {
  readonly kind: 'address' | 'account' | 'device';
  readonly key: string;
  /** Tries at once, which come back evenly over the time. */
  readonly tries: number;
  readonly perMs: number;
}

const MINUTE_MS = 60_000;
const ADDRESS = { tries: 20, perMs: 10 * MINUTE_MS };
const STRANGERS = { tries: 30, perMs: 60 * MINUTE_MS };
const DEVICE = { tries: 10, perMs: 10 * MINUTE_MS };

export const loginBudgets = ({ address, name, deviceId }: LoginAttempt): readonly Budget[] => [
  { kind: 'address', key: address, ...ADDRESS },
  deviceId === undefined
    ? { kind: 'account', key: name, ...STRANGERS }
    : { kind: 'device', key: deviceId, ...DEVICE },
];
