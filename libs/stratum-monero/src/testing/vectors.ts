/** For tests: the recorded cases of this dialect by kind. */
import { vectorsOf } from '@otedama/stratum/testing';

export const vectors = vectorsOf('monero-stratum');
