/** For tests: the recorded cases of these dialects by kind. */
import { vectorsOf } from '@otedama/stratum/testing';

export const vectors = vectorsOf('ethereum-stratum');
