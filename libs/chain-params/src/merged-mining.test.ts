import { type Coin, canMineBelow, findCoin } from './index.ts';

const coin = (id: string, network: string): Coin => {
  const found = findCoin(id, network);
  if (found === undefined) throw new Error(`no coin ${id} ${network}`);
  return found;
};

it.each([
  ['dogecoin/mainnet', 'litecoin/mainnet', true],
  ['dogecoin/regtest', 'litecoin/regtest', true],
  ['dogecoin/testnet', 'litecoin/regtest', true],
  ['dogecoin/mainnet', 'litecoin/testnet', false],
  ['dogecoin/regtest', 'litecoin/mainnet', false],
  ['dogecoin/mainnet', 'bitcoin/mainnet', false],
  ['dogecoin/mainnet', 'dogecoin/mainnet', false],
  ['dogecoin/mainnet', 'monero/mainnet', false],
  ['litecoin/mainnet', 'dogecoin/mainnet', false],
  ['bitcoin/mainnet', 'bitcoin-cash/mainnet', false],
])('%s below %s: %s', (aux, parent, expected) => {
  const [[auxId = '', auxNetwork = ''], [id = '', network = '']] = [aux.split('/'), parent.split('/')];
  expect(canMineBelow(coin(auxId, auxNetwork), coin(id, network))).toBe(expected);
});

it('refuses a parent whose version carries the same chain id', () => {
  const parent = {
    ...coin('litecoin', 'mainnet'),
    auxPow: { chainId: 0x62, fromHeight: 0, strictChainId: true },
  };
  expect(canMineBelow(coin('dogecoin', 'mainnet'), parent as Coin)).toBe(false);
});
