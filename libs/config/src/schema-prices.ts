/** Section `prices` of the configuration file: what statements are worth in a currency. */
import { duration, field, parsed, path, section, text } from './fields.ts';
import { parseCurrency, parsePriceUrl } from './values.ts';

export const prices = section({
  currency: field(parsed(parseCurrency), {
    what: 'a currency',
    allowed: ['three to ten letters, such as EUR'],
    description: 'Reference currency of statements; amounts keep their own units beside it',
  }),
  file: path('CSV or JSON with time, coin, currency and price; read again at each refresh'),
  url: field(parsed(parsePriceUrl), {
    what: 'a URL',
    allowed: ['https://host/path with {coin}, {symbol} and {currency} where they belong'],
    description: 'Asked for the price of each coin, instead of a file',
    secret: true,
  }),
  price_path: field(text(200), {
    what: 'a path of keys',
    allowed: ['data.price'],
    description: 'Where the price stands in the JSON answer',
  }),
  time_path: field(text(200), {
    what: 'a path of keys',
    allowed: ['data.time'],
    description: 'Where its time stands, if it is told: unix seconds, milliseconds or ISO 8601',
  }),
  refresh: duration('How often prices are looked up', '5m'),
  max_age: duration('An older price converts nothing', '1h'),
});
