export { type ApiGateway, createApiGateway } from './api-gateway.ts';
export { type NewBan, type ShownBan, banId, banSchema, subjectOf } from './bans/schemas.ts';
export type { ApiGatewayDeps, ApiGatewayOptions } from './options.ts';
export {
  type QueryClient,
  QueryError,
  type QueryErrorCode,
  createQueryClient,
} from './query/query-client.ts';
