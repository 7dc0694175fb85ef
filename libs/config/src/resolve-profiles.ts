/** What an operator knows of miners' software. A key that the pool's dialect has no use for is a mistake. */
import type { Coin } from '@otedama/chain-params';
import type { ResolveContext } from './context.ts';
import type { MinerProfile } from './model.ts';
import type { Path } from './problem.ts';
import type { RawProfile } from './schema.ts';

/** Looked through whenever a miner names itself. */
const MAX_PROFILES = 200;

type Key = Exclude<keyof RawProfile, 'agent' | 'name'>;

const ALL_KEYS: readonly Key[] = [
  'minimum_difficulty',
  'hashrate',
  'max_coinbase_bytes',
  'max_user_chars',
  'version_mask',
  'takes_extranonce',
];

/** What the protocols of each family's miners can be told by. */
const KEYS: Readonly<Record<Coin['family'], readonly Key[]>> = {
  bitcoin: ALL_KEYS,
  cryptonote: ['minimum_difficulty'],
  ethash: [],
  kawpow: [],
};

const checkKeys = (context: ResolveContext, path: Path, raw: RawProfile, coin: Coin): void => {
  const useful = KEYS[coin.family];
  for (const key of ALL_KEYS) {
    if (raw[key] === undefined || useful.includes(key)) continue;
    context.report.problem([...path, key], `has no effect on miners of ${coin.name}`, useful);
  }
};

const checkContent = (context: ResolveContext, path: Path, raw: RawProfile): void => {
  const says = ALL_KEYS.some((key) => raw[key] !== undefined);
  if (!says && !context.report.hadBroken(path))
    context.report.problem(path, 'says nothing about that software', ALL_KEYS);
};

const checkAgent = (
  context: ResolveContext,
  path: Path,
  { agent }: RawProfile,
  before: readonly RawProfile[],
): void => {
  if (agent === undefined) {
    context.report.problem([...path, 'agent'], 'is required: a profile is found by it');
    return;
  }
  const same = before.findIndex((one) => one.agent?.toLowerCase() === agent.toLowerCase());
  if (same >= 0)
    context.report.problem([...path, 'agent'], `is that of profiles[${same}], which comes first`);
};

const resolveProfile = ({ agent = '', ...raw }: RawProfile): MinerProfile => ({
  name: raw.name ?? agent.replace(/^\*/, ''),
  agent,
  ...(raw.minimum_difficulty === undefined ? {} : { minimumDifficulty: raw.minimum_difficulty }),
  ...(raw.hashrate === undefined ? {} : { hashrateHs: raw.hashrate }),
  ...(raw.max_coinbase_bytes === undefined ? {} : { maxCoinbaseBytes: raw.max_coinbase_bytes }),
  ...(raw.max_user_chars === undefined ? {} : { maxUserChars: raw.max_user_chars }),
  ...(raw.version_mask === undefined ? {} : { versionMask: raw.version_mask }),
  ...(raw.takes_extranonce === undefined ? {} : { takesExtranonce: raw.takes_extranonce }),
});

export const resolveProfiles = (
  context: ResolveContext,
  pool: Path,
  raw: readonly RawProfile[] = [],
  coin: Coin | undefined,
): MinerProfile[] => {
  const path = [...pool, 'profiles'];
  if (raw.length > MAX_PROFILES) context.report.problem(path, `lists more than ${MAX_PROFILES} profiles`);
  return raw.slice(0, MAX_PROFILES).map((one, index) => {
    const own = [...path, index];
    checkAgent(context, own, one, raw.slice(0, index));
    checkContent(context, own, one);
    if (coin !== undefined) checkKeys(context, own, one, coin);
    return resolveProfile(one);
  });
};
