/** For tests: a template that monerod 0.18.0.0 gave on regtest, in its first second, to a miner in self-select. */

/** Of the functional tests of monero (`velvet lymph giddy ...`). */
export const TEST_WALLET = {
  address: '42ey1afDFnn4886T7196doS9GPMzexD9gXpsZJDwVjeRVdFCSoHnv7KPbBeGpzJBzHRCAs9UxqeoyFQMYbqSWYTfJJQAWDm',
  viewKey: '49774391fa5e8d249fc2c5b45dadef13534bf2483dede880dac88f061e809100',
  viewPublicKey: '231c9bf8341c6a870d92e3fb98063a90a355fb8dbf74a8561b9d7f9273247e99',
  spendPublicKey: '1b3bd040020d3712ab84992b773d0a965134eb2df0392fb84af95de8a17be2ab',
} as const;

/** Asked for with this extra nonce and the wallet's address. */
export const RECORDED = {
  extra_nonce: 'a000000100000002',
  blockhashing_blob:
    '1010978db5d806418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e30000000091d163da6d2fb45ec014567047821e3c026418ee9a463a8728ba52055f7f2d2d01',
  blocktemplate_blob:
    '1010978db5d806418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e300000000023d01ff0101808080f0ffff070333ee9cbd720ad78f4af825c6ad193f39b4a0d6de80bc1c13ce763ee44849a4a7522b01d43976beb59e0cb77f44c81e44698055425e41777cecc6b5f28ae3d3f66cf9430208a0000001000000020000',
  expected_reward: 35184338534400,
  prev_hash: '418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e3',
} as const;
