/**
 * How often a login may be tried. A device that has logged in to the account before has a budget of its own. Strangers
 * have one by address and one by account: who tries somebody's name all day, even from beside him, uses up those, and
 * the owner, on a device that is known, never notices.
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

export const loginBudgets = ({ address, name, deviceId }: LoginAttempt): readonly Budget[] =>
  deviceId === undefined
    ? [
        { kind: 'address', key: address, ...ADDRESS },
        { kind: 'account', key: name, ...STRANGERS },
      ]
    : [{ kind: 'device', key: deviceId, ...DEVICE }];
