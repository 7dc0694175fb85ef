export { type ApiGateway, ApiListenError, createApiGateway } from './api-gateway.ts';
export { ApiKeyMissingError } from './http/access.ts';
export type { ApiGatewayDeps, ApiGatewayOptions, HealthReply, HealthSource } from './options.ts';
export {
  type QueryClient,
  QueryError,
  type QueryErrorCode,
  createQueryClient,
} from './query/query-client.ts';
export { buildOpenApi } from './docs/openapi.ts';
