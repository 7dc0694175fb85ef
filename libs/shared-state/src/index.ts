export { MemoryTickets, type MemoryTicketsOptions } from './memory-tickets.ts';
export type { SessionTicket, SessionTickets, TicketKey, TicketsState } from './session-tickets.ts';
