/** The configuration as it took effect, for people who may not see its secrets. */
import { type Prefix, formatPrefix } from '@otedama/edge';
import type { Config } from './model.ts';

export type ShownConfig = Readonly<Record<string, unknown>>;

const isCoin = (value: unknown): value is { readonly id: string; readonly network: string } =>
  typeof value === 'object' && value !== null && 'family' in value && 'network' in value && 'id' in value;

const isPrefix = (value: unknown): value is Prefix =>
  typeof value === 'object' && value !== null && 'first' in value && 'bits' in value;

/**
 * Secrets show a placeholder of themselves. Passwords of pools of others are no secrets to the code, and none to show
 * either. A coin is named, not described, ranges of addresses are written as usual, and whole numbers that JSON has no room for are texts.
 */
const show = (key: string, value: unknown): unknown => {
  if (key === 'password') return '[secret]';
  if (isPrefix(value)) return formatPrefix(value);
  if (typeof value === 'bigint') return value.toString();
  return isCoin(value) ? `${value.id}/${value.network}` : value;
};

export const showConfig = (config: Config): ShownConfig =>
  JSON.parse(JSON.stringify(config, show)) as ShownConfig;
