/** The part of the schema that says how a pool shares what it earns. */
import { z } from 'zod';
import { field, oneOf, parsed, section, text, wholeNumber } from './fields.ts';
import { parseDecimal, parseRewardWindow } from './values.ts';

const SCHEMES = ['pplns', 'prop', 'solo', 'pps', 'fpps'] as const;

export const amount = (description: string, defaultText?: string) =>
  field(parsed(parseDecimal), {
    what: 'an amount of coins',
    allowed: ['0.05', '2', '"0.00000001"'],
    description,
    ...(defaultText === undefined ? {} : { default: defaultText }),
  });

export const scheme = field(oneOf(SCHEMES), {
  what: 'a reward scheme of this version',
  allowed: SCHEMES,
  description:
    'How miners are paid: by block (pplns, prop, solo), or by share out of the bankroll (pps; fpps with fees)',
  default: 'pplns',
});
export const window = field(parsed(parseRewardWindow), {
  what: 'a window',
  allowed: ['a duration such as 2h', 'a whole number of network blocks from 1 to 10000'],
  description:
    'How far back a block pays, but for prop and solo: a time, or multiples of the work of one network block',
  default: '2',
});

export const split = z.strictObject({
  address: field(text(120), {
    what: 'an address',
    description: "Who has a part of the fee: an address of the pool's coin, paid like a miner",
  }),
  basis_points: field(wholeNumber(1, 10_000), {
    what: 'a whole number of basis points',
    allowed: ['1 to 10000'],
    description: 'Hundredths of a percent of each reward; all together no more than the fee',
  }),
});

export const bankroll = section({
  ruin_probability: field(z.number().min(1e-9).max(0.5), {
    what: 'a probability',
    allowed: ['0.000000001 to 0.5'],
    description: 'That the operator is ever ruined by bad luck, if the reserve that is shown is kept',
    default: '0.001',
  }),
  floor: amount('Shares are paid by blocks when they would take the bankroll below it', '0'),
});
