import { describeConformance } from './suite.ts';
import { stratumV1 } from './stratum-v1.ts';

describeConformance(stratumV1);
