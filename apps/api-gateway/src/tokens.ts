/** Injection tokens of this app. */
export const API_OPTIONS = Symbol('ApiGatewayOptions');
export const API_DEPS = Symbol('ApiGatewayDeps');
export const ACCESS_LIMITS = Symbol('AccessLimits');
export const ACCESS_QUERIES = Symbol('AccessQueries');
export const AUTHENTICATOR = Symbol('Authenticator');
export const MANAGE = Symbol('Manage');
export const SESSIONS = Symbol('Sessions');
export const AUDITED = Symbol('Audited');
export const OPERATOR_QUERIES = Symbol('OperatorQueries');
export const POOL_QUERIES = Symbol('PoolQueries');
export const STATUS_READER = Symbol('StatusReader');
export const LIVE_SERVER = Symbol('LiveServer');
export const HAS_SWAGGER_UI = Symbol('HasSwaggerUi');
/** A function that builds the OpenAPI document. */
export const API_DOCUMENT = Symbol('ApiDocument');
export const ANSWERS = Symbol('AnswerCache');
export const KEPT_SOURCE = Symbol('KeptSource');
