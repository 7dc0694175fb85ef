import { isWalletError } from '@otedama/payouts';

/** How a call ended: the code of its WalletError, or 'none'. Any other failure is the test's own. */
export const codeOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'none';
  } catch (error) {
    if (isWalletError(error)) return error.code;
    throw error;
  }
};
