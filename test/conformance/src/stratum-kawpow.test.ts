import { describeConformance } from './suite.ts';
import { stratumKawpow } from './stratum-kawpow.ts';

describeConformance(stratumKawpow);
