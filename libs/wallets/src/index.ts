export { WalletError, type WalletErrorCode } from './errors.ts';
