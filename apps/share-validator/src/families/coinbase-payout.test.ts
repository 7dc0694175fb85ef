import { buildAuxTree, type BlockTemplate, parseBlockTemplate } from '@otedama/bitcoin-family';
import { type ParsedTransaction, parseBlock, parseTransaction } from '@otedama/bitcoin-family/testing';
import { encodeWitnessAddress, parseAddress } from '@otedama/chain-params';
import type { BitcoinTemplate, ListedPayee, PayeeSnapshot } from '@otedama/contracts';
import type { AuxWorkSet } from '../aux/aux-work.ts';
import type { Job } from '../templates/job.ts';
import { PAYOUT, poolConfig, REGTEST, TEMPLATE_EXTRA } from '../testing/fixtures.ts';
import { bitcoinFamily, EXTRANONCE_SIZE } from './bitcoin.ts';

const TIP = 'ab'.repeat(32);
const REWARD = 5_000_000_000n;

const addressOf = (i: number): string =>
  encodeWitnessAddress(REGTEST, 0, Buffer.alloc(20, (i + 1).toString(16).padStart(4, '0'), 'hex'));
const scriptOf = (address: string): string => {
  const parsed = parseAddress(REGTEST, address);
  if (!parsed.ok) throw new Error(parsed.reason);
  return Buffer.from(parsed.scriptPubKey).toString('hex');
};

const bodyOf = (over: object = {}): BlockTemplate => {
  const parsed = parseBlockTemplate({
    ...TEMPLATE_EXTRA,
    previousblockhash: TIP,
    height: 500,
    default_witness_commitment: `6a24aa21a9ed${'cc'.repeat(32)}`,
    weightlimit: 4_000_000,
    sigoplimit: 80_000,
    ...over,
  });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.template;
};

/** Of as many miners as works, in the order of their addresses. */
const snapshotOf = (works: readonly bigint[], over: Partial<PayeeSnapshot> = {}): PayeeSnapshot => {
  const addresses = works.map((_, i) => addressOf(i)).sort();
  let before = 0n;
  const payees = works.map((work, i): ListedPayee => {
    const payee = { address: addresses[i] ?? '', before, work, carriedAtomic: 0n };
    before += work;
    return payee;
  });
  return {
    poolId: 'p1',
    takenAtMs: 0,
    blocksTo: 0n,
    windowTo: 7n,
    windowCapacity: 200n,
    windowWork: before,
    boughtWork: 0n,
    carriesOn: undefined,
    payees,
    ...over,
  };
};

interface Made {
  readonly job: Job<BitcoinTemplate>;
  readonly coinbase: ParsedTransaction;
  readonly bytes: number;
}

interface MakeOptions {
  readonly body?: BlockTemplate;
  readonly maxCoinbaseBytes?: number;
  readonly aux?: AuxWorkSet;
}

const make = (payees: PayeeSnapshot | undefined, options: MakeOptions = {}): Made => {
  const { body = bodyOf(), maxCoinbaseBytes = 16_000, aux } = options;
  const family = bitcoinFamily(poolConfig({ feeBasisPoints: 100, coinbasePayout: { maxCoinbaseBytes } }));
  const uniqueTag = Buffer.alloc(8, 1);
  const job = family.buildJob({ body, jobKey: 1, uniqueTag, cleanJobs: true, nowMs: 0, payees, aux });
  const { coinbasePrefix, coinbaseSuffix } = job.template;
  const raw = Buffer.concat([coinbasePrefix, Buffer.alloc(EXTRANONCE_SIZE, 0xee), coinbaseSuffix]);
  return { job, coinbase: parseTransaction(raw), bytes: raw.length };
};

const outputsOf = ({ coinbase }: Made): readonly (readonly [script: string, value: bigint])[] =>
  coinbase.outputs.map(({ script, value }) => [Buffer.from(script).toString('hex'), value]);

const paid = ({ job }: Made): readonly bigint[] =>
  job.coinbasePayout?.payments.map(({ amountAtomic }) => BigInt(amountAtomic)) ?? [];

describe('a coinbase that pays miners', () => {
  it('has the pool first, the largest payee next, and the witness commitment last', () => {
    const payees = snapshotOf([10n, 30n, 60n]);
    const made = make(payees);
    const [a = '', b = '', c = ''] = payees.payees.map(({ address }) => scriptOf(address));
    expect(outputsOf(made)).toEqual([
      [scriptOf(PAYOUT), 50_000_000n],
      [c, 2_970_000_000n],
      [b, 1_485_000_000n],
      [a, 495_000_000n],
      [`6a24aa21a9ed${'cc'.repeat(32)}`, 0n],
    ]);
    expect(made.job.coinbasePayout).toMatchObject({
      windowTo: '7',
      windowCapacity: '200',
      feeBasisPoints: 100,
    });
  });

  it('pays the pool alone while no payees are known', () => {
    const made = make(undefined);
    expect(outputsOf(made)[0]).toEqual([scriptOf(PAYOUT), REWARD]);
    expect(made.coinbase.outputs).toHaveLength(2);
    expect(made.job.coinbasePayout).toBeUndefined();
  });

  it.each([[252], [253], [300]])('counts its outputs right when %i are paid', (count) => {
    const made = make(snapshotOf(Array.from({ length: count }, (_, i) => BigInt(i) + 1_000n)));
    expect(made.coinbase.outputs).toHaveLength(count + 2);
    expect(made.coinbase.outputs.reduce((sum, { value }) => sum + value, 0n)).toBe(REWARD);
  });

  it.each([[300], [500], [750], [2_250], [6_500]])(
    'never has more than the %i bytes that firmware takes',
    (maxCoinbaseBytes) => {
      const made = make(snapshotOf(Array.from({ length: 400 }, (_, i) => BigInt(i) + 1n)), {
        maxCoinbaseBytes,
      });
      expect(made.bytes).toBeLessThanOrEqual(maxCoinbaseBytes);
      // Nor wastes the place of another output, of 31 bytes, beside the two kept for a longer count.
      expect(made.bytes).toBeGreaterThan(maxCoinbaseBytes - 34);
      const amounts = paid(made);
      expect(amounts).toEqual(amounts.toSorted((x, y) => (x < y ? 1 : -1)));
    },
  );

  it('leaves a full template below the weight and the operations that the network takes', () => {
    const data = '00'.repeat(100);
    const full = (weight: number, sigops: number) =>
      bodyOf({ transactions: [{ data, txid: TIP, hash: TIP, weight, sigops }] });
    const many = snapshotOf(Array.from({ length: 400 }, (_, i) => BigInt(i) + 1n));
    const made = make(many, { body: full(3_996_000, 0) });
    // 4,000,000 - 3,996,000 less the coinbase's witness and the header.
    expect(4 * (made.bytes + 89) + 36 + 3_996_000).toBeLessThanOrEqual(4_000_000);
    expect(paid(made).length).toBeGreaterThan(10);
    expect(paid(make(many, { body: full(400, 79_800) }))).toHaveLength(48);
    expect(paid(make(many, { body: full(4_000_000, 0) }))).toEqual([]);
  });

  it('carries what is dust, and what cannot be read as an address', () => {
    const payees = snapshotOf([1n, 10_000_000_000n, 5_000_000_000n]);
    const [dust, , odd] = payees.payees;
    const list = payees.payees.map((payee) =>
      payee === odd ? { ...payee, address: 'not an address' } : payee,
    );
    const made = make({ ...payees, payees: list });
    expect(made.job.coinbasePayout?.payments.map(({ address }) => address)).not.toContain(dust?.address);
    expect(paid(made)).toHaveLength(1);
    expect(outputsOf(made)[0]?.[1]).toBe(REWARD - (paid(made)[0] ?? 0n));
  });

  it('pays carries on the tip for which they were told, and on no other', () => {
    const base = snapshotOf([10n, 90n]);
    const owed = base.payees.map((payee, i) => (i === 0 ? { ...payee, carriedAtomic: 1_000n } : payee));
    const on = (carriesOn: Uint8Array | undefined) =>
      make({ ...base, payees: owed, carriesOn }).job.coinbasePayout?.payments.map(
        ({ carriedAtomic }) => carriedAtomic,
      );
    expect(on(bodyOf().previousBlockHash)).toEqual(['0', '1000']);
    expect(on(Buffer.alloc(32, 1))).toEqual(['0', '0']);
    expect(on(undefined)).toEqual(['0', '0']);
  });

  it('is the same on every validator that hears of the job', () => {
    const payees = snapshotOf(Array.from({ length: 50 }, (_, i) => BigInt(i * i) + 1n));
    const again = structuredClone(payees);
    expect(make(payees).job.template.coinbaseSuffix).toEqual(make(again).job.template.coinbaseSuffix);
  });
});

describe('its block', () => {
  const share = {
    extranonce: Buffer.alloc(EXTRANONCE_SIZE, 0xee),
    nonce: 1,
    nTime: 1_700_000_100,
    version: 0x20000000,
    powHash: Buffer.alloc(32),
    blockHash: Buffer.alloc(32),
  };

  it('says what it paid, and carries its witness and its extension block', () => {
    const hogEx = { data: parsedTransactionHex(), txid: TIP, hash: TIP, weight: 400, sigops: 0 };
    const body = bodyOf({ rules: ['mweb', '!segwit', 'csv'], mweb: 'beef', transactions: [hogEx] });
    const { job } = make(snapshotOf([10n, 90n]), { body });
    const [block] = job.completions(share);
    const parsed = parseBlock(Buffer.from(block?.submission ?? '', 'hex'));
    expect(parsed.transactions[0]?.outputs).toHaveLength(4);
    expect(parsed.transactions[0]?.witness?.[0]?.[0]).toHaveLength(32);
    expect(Buffer.from(parsed.rest).toString('hex')).toBe('01beef');
    expect(block?.coinbasePayout).toEqual(job.coinbasePayout);
    expect(block?.rewardAtomic).toBe(REWARD);
  });

  it('commits to merged mining as before, whose own block pays the pool', () => {
    const leaf = { chainId: 98, blockHash: Buffer.alloc(32, 5) };
    const built = buildAuxTree([leaf]);
    if (!built.ok) throw new Error('no tree');
    const work = {
      coin: 'dogecoin',
      chainId: 98,
      blockHash: leaf.blockHash,
      prevHash: Buffer.alloc(32),
      height: 9,
      target: 1n << 255n,
      rewardAtomic: 10n,
    };
    const made = make(snapshotOf([10n, 90n]), { aux: { works: [work], tree: built.tree } });
    expect(Buffer.from(made.job.template.coinbasePrefix).toString('hex')).toContain(
      Buffer.from(built.tree.commitment).toString('hex'),
    );
    expect(made.coinbase.outputs).toHaveLength(4);
    const [own, aux] = made.job.completions(share);
    expect(own?.coinbasePayout?.payments).toHaveLength(2);
    expect(aux).toMatchObject({ coin: 'dogecoin' });
    expect(aux?.coinbasePayout).toBeUndefined();
  });
});

/** Any transaction that can be read back. */
function parsedTransactionHex(): string {
  return `01000000${'01'}${'00'.repeat(36)}00ffffffff01${'00'.repeat(8)}0151${'00'.repeat(4)}`;
}
