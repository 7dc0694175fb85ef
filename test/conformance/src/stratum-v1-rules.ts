/** Rules of Stratum V1 that were written down without a conversation, each in the shortest one that shows it. */
import { ADDRESS } from '../../../apps/stratum-gateway/src/testing/test-miner.ts';
import { Verdict } from '../../../libs/contracts/src/index.ts';
import type { Step } from './conversation.ts';
import type { Scene } from './dialect.ts';
import { listening } from './gateway-pool.ts';
import { accepted, call, hear, json, notification, say, topicOf } from './json-rpc.ts';
import { RecordedPool, anyJob, goodbye, login } from './stratum-v1-pool.ts';
import { configured, job, refused, setDifficulty, subscribed } from './stratum-v1-wire.ts';
import { loadVectors, ofKind } from './vectors.ts';
import type { WireLine } from './wire-line.ts';

const cases = loadVectors('stratum-v1');
const number = (hex: string): number => Number.parseInt(hex, 16);

const scene = (id: string, pool: RecordedPool, steps: readonly Step[]): Scene => ({
  script: { id, steps: [...steps, ...goodbye] },
  start: () => listening(pool.gateway),
});

interface Fields {
  readonly user?: string;
  readonly name?: WireLine[number];
  readonly nonce?: string;
  readonly versionBits?: string;
}

/** Extranonce2 and time that any job here takes. */
const submit = (
  id: number,
  { user = ADDRESS, name = job, nonce = '00000000', versionBits }: Fields = {},
): Step =>
  say(
    `{"id":${id},"method":"mining.submit","params":["${user}","`,
    name,
    `","00000000","6553f100","${nonce}"${versionBits === undefined ? '' : `,"${versionBits}"`}]}`,
  );

const rolling = (mask: string): readonly Step[] => [
  call('c', 'mining.configure', [['version-rolling'], { 'version-rolling.mask': 'ffffffff' }]),
  hear(configured('c', ['version-rolling'], { 'version-rolling': true, 'version-rolling.mask': mask })),
];

interface VersionBits {
  readonly job_version: string;
  readonly mask: string;
  readonly version_bits: string;
  readonly final_version?: string;
}

const versionBits = ofKind<VersionBits>(cases, 'version-bits').map((one): Scene => {
  const { id, job_version: version, mask, version_bits: bits, final_version: final } = one;
  const pool = new RecordedPool('regtest', number(mask));
  pool.offer({ version: number(version), versionMask: number(mask) });
  const check = (): void => {
    const seen = pool.gateway.validation.calls[0]?.record(0).version;
    const wanted = final === undefined ? undefined : number(final);
    if (seen !== wanted) throw new Error(`version ${seen} reached the validator, not ${wanted}`);
  };
  return scene(id, pool, [
    ...rolling(mask),
    ...login(ADDRESS),
    hear(anyJob),
    submit(7, { versionBits: bits }),
    hear(final === undefined ? refused(7, 20) : accepted(7)),
    { kind: 'do', act: check },
  ]);
});

const newMasks = ofKind<{ msg: { params: readonly [string] } }>(cases, 'notification').map(
  ({ id, msg }): Scene => {
    const [mask] = msg.params;
    const pool = new RecordedPool('regtest');
    return scene(id, pool, [
      ...rolling('1fffe000'),
      ...login(ADDRESS),
      { kind: 'do', act: () => pool.offer({ versionMask: number(mask) }) },
      hear(notification('mining.set_version_mask', [json(mask)])),
    ]);
  },
);

/** The codes that miners know, each from what brings it about. */
const errorCodes = (): Scene => {
  const pool = new RecordedPool('regtest');
  const low = 0xbad;
  pool.gateway.validation.judge = ({ nonce }) => (nonce === low ? Verdict.lowDifficulty : Verdict.accepted);
  return scene('error-codes', pool, [
    submit(1, { name: '1a00' }),
    hear(refused(1, 25)),
    ...login(ADDRESS),
    hear(anyJob),
    submit(2, { user: 'nobody' }),
    hear(refused(2, 24)),
    submit(3, { name: 'ffff00' }),
    hear(refused(3, 21)),
    submit(4, { nonce: 'short' }),
    hear(refused(4, 20)),
    submit(5),
    hear(accepted(5)),
    submit(6),
    hear(refused(6, 22)),
    submit(7, { nonce: '00000bad' }),
    hear(refused(7, 23)),
  ]);
};

/** Firmware that reads whole numbers only takes 1024.0 for 0. */
const wholeDifficulty = (): Scene =>
  scene('difficulty-float-integer', new RecordedPool('regtest'), [
    ...login(ADDRESS),
    say('{"id":1,"method":"mining.suggest_difficulty","params":[1024.0]}'),
    hear(accepted(1)),
    hear(notification('mining.set_difficulty', ['1024'])),
  ]);

/** What the marketplace checks of a pool before it sends anybody there. */
const marketplaceOrder = (): Scene => ({
  ...scene('nicehash-pool-check', new RecordedPool('regtest'), [
    call(1, 'mining.subscribe', ['NiceHash/1.0.0']),
    hear(subscribed(1, 4)),
    call(2, 'mining.authorize', [ADDRESS, 'x']),
    hear(accepted(2)),
    hear(setDifficulty(0, undefined)),
    hear(anyJob),
  ]),
  ear: { topicOf, isFree: () => false },
});

export const rules: readonly Scene[] = [
  ...versionBits,
  ...newMasks,
  errorCodes(),
  wholeDifficulty(),
  marketplaceOrder(),
];
