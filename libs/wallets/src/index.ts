export type { FeeRates } from './bitcoin/policy.ts';
