import { describeConformance } from './suite.ts';
import { stratumMonero } from './stratum-monero.ts';

describeConformance(stratumMonero);
