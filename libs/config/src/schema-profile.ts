/** What an operator may write of miners' software, and the fields that it shares with other sections. */
import { z } from 'zod';
import { field, parsed, text, wholeNumber } from './fields.ts';
import { parseHashrateHs, parseVersionMask } from './values.ts';

export const difficulty = (description: string, defaultText?: string) =>
  field(
    z
      .number()
      .positive()
      .max(2 ** 60),
    {
      what: 'a difficulty',
      allowed: ['a number above 0'],
      description,
      ...(defaultText === undefined ? {} : { default: defaultText }),
    },
  );

export const upTo = (min: number, max: number, description: string) =>
  field(wholeNumber(min, max), {
    what: 'a whole number in range',
    allowed: [`${min} to ${max}`],
    description,
  });

/** What is known of software by its name. What a profile leaves out is taken from the one that is built in. */
export const profile = z.strictObject({
  agent: field(text(100), {
    what: 'a user agent',
    allowed: ['how it begins', '"*" and what it contains'],
    description:
      'Software that this is about, by the name it gives itself; the first profile that fits counts',
  }),
  name: field(text(64), {
    what: 'a text',
    description: 'What its miners are told that it is called',
    default: 'as agent',
  }),
  minimum_difficulty: difficulty('Never given less, whatever it asks for'),
  hashrate: field(parsed(parseHashrateHs), {
    what: 'a hash rate',
    allowed: ['50kH/s', '13.5TH/s'],
    description: 'Of the slowest device of that name; difficulty starts there',
  }),
  max_coinbase_bytes: upTo(100, 1_000_000, 'Gets no job with a longer coinbase, but a notice'),
  max_user_chars: upTo(1, 1024, 'Refused with a longer user name, which its firmware does not survive'),
  version_mask: field(parsed(parseVersionMask), {
    what: 'a version mask',
    allowed: ['"1fffe000"', '"00000000" for none'],
    description: 'Version bits that it rolls well',
  }),
  takes_extranonce: field(z.boolean(), {
    what: 'true or false',
    allowed: ['true', 'false'],
    description: 'Follows mining.set_extranonce without having subscribed to it',
  }),
});
