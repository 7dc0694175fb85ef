export { GatewayListenError } from './errors.ts';
export {
  type GatewayDeps,
  type GatewayOptions,
  type ListeningPool,
  type StratumGateway,
  createGateway,
} from './gateway.ts';
export type { ExtranonceBlocks } from './leases/blocks.ts';
export { createFleetBlocks } from './leases/fleet-blocks.ts';
export type { SharedSessions } from './leases/lease-spaces.ts';
export { StratumGatewayModule } from './stratum-gateway.module.ts';
export { STRATUM_GATEWAY } from './tokens.ts';
