import { choose } from './choice.ts';

const A = { prevHash: 'aa', height: 10 };
const context = { sameDaemon: false, currentUsable: true, preferred: false };

describe('choose', () => {
  it.each([
    ['the first offer', undefined, A, {}, 'new-tip'],
    ['the same tip', A, A, {}, 'refresh'],
    ['a higher tip of any daemon', A, { prevHash: 'bb', height: 11 }, {}, 'new-tip'],
    ['an old tip of a daemon that lags', A, { prevHash: 'bb', height: 9 }, {}, 'ignore'],
    ['an old tip of the first choice', A, { prevHash: 'bb', height: 9 }, { preferred: true }, 'ignore'],
    ['another branch of a second choice', A, { prevHash: 'bb', height: 10 }, {}, 'ignore'],
    ['another branch of the first choice', A, { prevHash: 'bb', height: 10 }, { preferred: true }, 'new-tip'],
    ['a reorganisation to a lower height', A, { prevHash: 'bb', height: 8 }, { sameDaemon: true }, 'new-tip'],
    ['a lower tip after a failover', A, { prevHash: 'bb', height: 9 }, { currentUsable: false }, 'new-tip'],
  ] as const)('%s', (_name, current, offer, over, expected) => {
    expect(choose(current, offer, { ...context, ...over })).toBe(expected);
  });
});
