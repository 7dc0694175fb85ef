export {
  type AccountName,
  BAN_REASONS,
  type Ban,
  type BanLimits,
  type BanList,
  type BanOrder,
  type BanReason,
  type BanSubject,
  BansAwayError,
  type BansState,
  networkOf,
  subjectKey,
} from './bans/ban-list.ts';
export { MemoryBans } from './bans/memory-bans.ts';
export { MemoryCounters } from './counters/memory-counters.ts';
export type { CountersState, RateCounter, RateCounters } from './counters/rate-counters.ts';
export { MemoryTickets, type MemoryTicketsOptions } from './memory-tickets.ts';
export type { SessionTicket, SessionTickets, TicketKey, TicketsState } from './session-tickets.ts';
