/** Who may do what: one ladder of roles, each with everything that the one below it has. */
import { z } from 'zod';

/** From the least to the most. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

export const covers = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** What accounting writes into its tokens, and the API asks of them: nothing else is one. */
export const TOKEN_ISSUER = 'otedama';
export const TOKEN_ALGORITHM = 'EdDSA';
export const ACCESS_AUDIENCE = 'otedama-api';
export const DEVICE_AUDIENCE = 'otedama-device';
/** Of a command at the machine itself, which asks the API in the name of the user who runs it. */
export const COMMAND_AUDIENCE = 'otedama-command';
