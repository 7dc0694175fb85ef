import { field, parsed } from './fields.ts';
import { parseListenAddress } from './values.ts';

/** An address to listen at. */
export const listen = (description: string, defaultText?: string, aliases?: readonly string[]) =>
  field(parsed(parseListenAddress), {
    what: 'a listen address',
    allowed: ['host:port', ':port', '[ipv6]:port'],
    description,
    ...(defaultText === undefined ? {} : { default: defaultText }),
    ...(aliases === undefined ? {} : { aliases }),
  });
