import type { Redis } from 'ioredis';
import { BAN_SCRIPTS, type BanCommands } from './ban-scripts.ts';
import { COUNTER_SCRIPTS, type CounterCommands } from './counter-scripts.ts';
import { TICKET_SCRIPTS, type TicketCommands } from './ticket-scripts.ts';

export const SCRIPTS = { ...TICKET_SCRIPTS, ...BAN_SCRIPTS, ...COUNTER_SCRIPTS };

/** As the client is once it was made with `SCRIPTS`. */
export type ScriptedRedis = Redis & TicketCommands & BanCommands & CounterCommands;
