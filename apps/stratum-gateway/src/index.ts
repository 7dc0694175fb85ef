export { GatewayListenError } from './errors.ts';
export {
  type GatewayDeps,
  type GatewayOptions,
  type ListeningPool,
  type StratumGateway,
  createGateway,
} from './gateway.ts';
export { StratumGatewayModule } from './stratum-gateway.module.ts';
export { STRATUM_GATEWAY } from './tokens.ts';
