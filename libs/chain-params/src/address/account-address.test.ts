import fc from 'fast-check';

import { type ParsedAddress, findCoin, parseAddress } from '../index.ts';

const etc = findCoin('ethereum-classic', 'mainnet');
const parse = (text: string): ParsedAddress => {
  if (etc === undefined) throw new Error('no Ethereum Classic');
  return parseAddress(etc, text);
};

describe('account addresses', () => {
  it('have one spelling, whatever the case that was typed', () => {
    const hex = fc.stringMatching(/^[0-9a-f]{40}$/).filter((digits) => !/^0+$/.test(digits));
    fc.assert(
      fc.property(hex, (digits) => {
        const lower = parse(`0x${digits}`);
        const canonical = lower.ok ? lower.canonical : '';
        expect(canonical.toLowerCase()).toBe(`0x${digits}`);
        expect(parse(`0x${digits.toUpperCase()}`)).toEqual(lower);
        expect(parse(canonical)).toEqual(lower);
      }),
    );
  });

  it.each([
    ['5aaeb6053f3e94c9b9a09f33669435e7ef1beaed', /start with 0x/],
    ['0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed', /mixed case/],
    ['0x0000000000000000000000000000000000000000', /zero address/],
    ['0x5aaeb6053f3e94c9b9a09f33669435e7ef1bea', /not an Ethereum Classic address/],
    ['bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a', /Bitcoin Cash mainnet address/],
  ])('%s is refused with a reason', (text, expected) => {
    const parsed = parse(text);
    expect(parsed.ok ? 'accepted' : parsed.reason).toMatch(expected);
  });
});
