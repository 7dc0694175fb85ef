export { type KawpowOwn, kawpowClient } from './kawpow.ts';
