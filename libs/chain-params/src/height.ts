/** Heights come from daemons and from callers' arithmetic; one that is none would make wrong money quietly. */
import { ChainParamsError } from './errors.ts';

export const assertHeight = (height: number): void => {
  if (!Number.isSafeInteger(height) || height < 0) {
    throw new ChainParamsError('HEIGHT_RANGE', `not a block height: ${height}`);
  }
};
