import { type AuxDaemon, createAuxDaemon } from './aux-daemon.ts';
import { failureOf } from './testing/failure.ts';
import { type RawServer, startRawServer } from './testing/raw-server.ts';
import { answerFrom, Fault, methodsOf, type RpcTable } from './testing/rpc-table.ts';

const HASH = 'ab'.repeat(32);
const PARENT = 'cd'.repeat(32);
const NOT_THERE = new Fault(-5, 'Block not found');

/** As dogecoind 1.14 has it; 1e0ffff0 is the easiest target of its main network. */
const BLOCK = {
  hash: HASH,
  chainid: 98,
  previousblockhash: PARENT,
  coinbasevalue: 1_000_000_000_000,
  bits: '1e0ffff0',
  height: 5_000_000,
  target: `${'00'.repeat(27)}f0ff0f0000`,
};
const TARGET = 0xffff0n << 216n;

let server: RawServer;
let daemon: AuxDaemon;

const start = async (table: RpcTable): Promise<void> => {
  server = await startRawServer(answerFrom(table));
  daemon = createAuxDaemon({
    name: 'doge',
    url: server.url,
    user: 'u',
    password: { reveal: () => 'p' },
    templateRules: [],
    payoutAddress: 'DAddress',
  });
};

afterEach(async () => {
  daemon.close();
  await server.close();
});

describe('createAuxBlock', () => {
  it('asks for a block that pays to the address', async () => {
    await start({ createauxblock: () => BLOCK });
    expect(await daemon.createAuxBlock()).toEqual({
      hash: HASH,
      chainId: 98,
      previousBlockHash: PARENT,
      height: 5_000_000,
      coinbaseValueAtomic: 1_000_000_000_000n,
      bits: 0x1e0ffff0,
      target: TARGET,
      paysTo: 'payout-address',
    });
    expect(server.requests[0]).toContain('"params":["DAddress"]');
  });

  it('takes the older method where there is no other, says who is paid, and remembers', async () => {
    const { target, ...older } = BLOCK;
    await start({ getauxblock: () => ({ ...older, _target: target }) });
    expect(await daemon.createAuxBlock()).toMatchObject({
      hash: HASH,
      target: TARGET,
      paysTo: 'daemon-wallet',
    });
    await daemon.createAuxBlock();
    expect(methodsOf(server.requests)).toEqual(['createauxblock', 'getauxblock', 'getauxblock']);
  });

  it('another failure does not change the method', async () => {
    const answers = [new Fault(-10, 'Dogecoin is downloading blocks...'), BLOCK];
    await start({ createauxblock: () => answers.shift() });
    expect((await failureOf(daemon.createAuxBlock())).code).toBe('DAEMON_SYNCING');
    expect(await daemon.createAuxBlock()).toMatchObject({ paysTo: 'payout-address' });
  });

  it('a daemon without merged mining says so', async () => {
    await start({});
    expect((await failureOf(daemon.createAuxBlock())).code).toBe('DAEMON_METHOD_NOT_FOUND');
  });

  it.each([
    ['a target that is not that of its bits', { target: `${'00'.repeat(27)}f0ff0e0000` }],
    ['a target in the other byte order', { target: `00000ffff0${'00'.repeat(27)}` }],
    ['negative bits', { bits: '1e8ffff0', target: undefined }],
    ['bits of zero', { bits: '1e000000', target: undefined }],
    ['bits beyond 256 bits', { bits: 'ff0ffff0', target: undefined }],
    ['a chain id that is none', { chainid: -1 }],
    ['no parent', { previousblockhash: null }],
    ['a value that is no number of coins', { coinbasevalue: 1.5 }],
    ['a short hash', { hash: 'abcd' }],
  ])('%s is refused', async (_name, over) => {
    await start({ createauxblock: () => ({ ...BLOCK, ...over }) });
    expect((await failureOf(daemon.createAuxBlock())).code).toBe('DAEMON_BAD_RESULT');
  });

  it.each([
    ['01003456', 0n],
    ['02123456', 0x1234n],
    ['04123456', 0x12345600n],
  ])('reads small bits as consensus does: %s', async (bits, target) => {
    await start({ createauxblock: () => ({ ...BLOCK, bits, target: undefined }) });
    if (target === 0n) expect((await failureOf(daemon.createAuxBlock())).code).toBe('DAEMON_BAD_RESULT');
    else expect(await daemon.createAuxBlock()).toMatchObject({ target });
  });
});

describe('submitAuxBlock', () => {
  const cases: readonly [name: string, reply: unknown, header: unknown, expected: object][] = [
    ['true', true, NOT_THERE, { kind: 'accepted' }],
    ['null', null, NOT_THERE, { kind: 'accepted' }],
    ['false', false, NOT_THERE, { kind: 'rejected' }],
    ['a word of BIP22', 'inconclusive', NOT_THERE, { kind: 'accepted', note: 'inconclusive' }],
    ['another word', 'high-hash', NOT_THERE, { kind: 'rejected', reason: 'high-hash' }],
    [
      'a block that is not kept ready any more',
      new Fault(-8, 'block hash unknown'),
      NOT_THERE,
      { kind: 'rejected', reason: 'block hash unknown (-8)' },
    ],
    [
      'one that was taken before',
      new Fault(-8, 'block hash unknown'),
      { hash: HASH, confirmations: 1, height: 7 },
      { kind: 'duplicate' },
    ],
    [
      'one of which nothing can be learned',
      new Fault(-8, 'block hash unknown'),
      new Fault(-28, 'Loading'),
      { kind: 'unknown', code: 'DAEMON_WARMING_UP' },
    ],
    ['a proof that does not decode', new Fault(-22, 'decode'), NOT_THERE, { kind: 'rejected' }],
    [
      'no peers',
      new Fault(-9, 'not connected'),
      NOT_THERE,
      { kind: 'unknown', code: 'DAEMON_NOT_CONNECTED' },
    ],
    ['a number', 5, NOT_THERE, { kind: 'unknown', code: 'DAEMON_BAD_RESULT' }],
  ];
  it.each(cases)('%s', async (_name, reply, header, expected) => {
    await start({ submitauxblock: () => reply, getblockheader: () => header });
    expect(await daemon.submitAuxBlock(HASH, '0011')).toMatchObject(expected);
    expect(server.requests[0]).toContain(`"params":["${HASH}","0011"]`);
  });

  it('goes by the older method where there is no other', async () => {
    await start({ getauxblock: (...params: readonly unknown[]) => (params.length === 2 ? true : BLOCK) });
    expect(await daemon.submitAuxBlock(HASH, '0011')).toEqual({ kind: 'accepted' });
    expect(methodsOf(server.requests)).toEqual(['submitauxblock', 'getauxblock']);
  });

  it('is a daemon of its family besides', async () => {
    await start({ getbestblockhash: () => HASH });
    expect(await daemon.getBestBlockHash()).toBe(HASH);
  });
});
