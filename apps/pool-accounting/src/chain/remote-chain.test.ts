import { InProcessBroker, InProcessClient, InProcessServer } from '@otedama/bus';
import { CHAIN_STANDING } from '@otedama/contracts';
import { createRemoteChain } from './remote-chain.ts';

const HASH = 'ab'.repeat(32);

describe('a chain that is asked over the transport', () => {
  const createChain = async (answer: unknown) => {
    const broker = new InProcessBroker();
    const server = new InProcessServer(broker);
    const asked: unknown[] = [];
    server.addHandler(CHAIN_STANDING, async (request: unknown) => {
      asked.push(request);
      return answer;
    });
    await new Promise<void>((resolve) => server.listen(resolve));
    return { asked, chain: createRemoteChain(new InProcessClient(broker))('p1', 'bitcoin') };
  };

  it('gives the word of whoever answers', async () => {
    const standing = { kind: 'main', confirmations: 7 };
    const { asked, chain } = await createChain(standing);
    expect(await chain.blockConfirmations(HASH, 11)).toEqual(standing);
    expect(asked).toEqual([{ poolId: 'p1', coin: 'bitcoin', hash: HASH, height: 11 }]);
  });

  it.each([{ kind: 'main', confirmations: -1 }, { kind: 'matured' }, null])(
    'takes no other word: %j',
    async (answer) => {
      const { chain } = await createChain(answer);
      await expect(chain.blockConfirmations(HASH, 11)).rejects.toBeDefined();
    },
  );

  it('fails when nobody answers', async () => {
    const chain = createRemoteChain(new InProcessClient(new InProcessBroker()))('p1', 'bitcoin');
    await expect(chain.blockConfirmations(HASH, 11)).rejects.toMatchObject({ code: 'NO_RESPONDERS' });
  });
});
