import { describeConformance } from './suite.ts';
import { stratumEthereum2 } from './stratum-ethereum-2.ts';
import { stratumEthereum } from './stratum-ethereum.ts';

describeConformance(stratumEthereum);
describeConformance(stratumEthereum2);
