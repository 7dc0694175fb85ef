import type { Redis } from 'ioredis';
import { TICKET_SCRIPTS, type TicketCommands } from './ticket-scripts.ts';

export const SCRIPTS = { ...TICKET_SCRIPTS };

/** As the client is once it was made with `SCRIPTS`. */
export type ScriptedRedis = Redis & TicketCommands;
