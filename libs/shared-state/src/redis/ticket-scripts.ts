/**
 * What Redis does with a ticket, each in one step that nothing comes between. A ticket is a hash: `holder`, the
 * gateway that the session is at or was at last; `extranonce1` in hex; `difficulty`. Its end is a point in time,
 * so that a write that was late does not make it live longer than its writer counts on; and never further off than
 * the time it has left, should the clock of the writer be ahead.
 */
export const ticketKey = (poolId: string, sessionId: string): string =>
  `otedama:ticket:${poolId}:${sessionId}`;
/** Where a gateway hears which of its sessions were taken; messages are `pool/session`. */
export const lostChannel = (holder: string): string => `otedama:tickets-lost:${holder}`;
const LOST_CHANNEL = lostChannel('');

/** KEYS: ticket. ARGV: holder, extranonce1, difficulty, end in unix ms, ms until then. 0: another gateway holds it. */
const PUT = `
local holder = redis.call('HGET', KEYS[1], 'holder')
if holder and holder ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'extranonce1', ARGV[2], 'difficulty', ARGV[3])
local now = redis.call('TIME')
local latest = now[1] * 1000 + math.floor(now[2] / 1000) + tonumber(ARGV[5])
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', math.min(tonumber(ARGV[4]), latest)))
return 1`;

/** KEYS: ticket. ARGV: holder, name for the one who loses it. Returns extranonce1, difficulty, who held it. */
const TAKE = `
local found = redis.call('HMGET', KEYS[1], 'extranonce1', 'difficulty', 'holder')
if not found[3] then return false end
if found[3] ~= ARGV[1] then
  redis.call('HSET', KEYS[1], 'holder', ARGV[1])
  redis.call('PUBLISH', '${LOST_CHANNEL}' .. found[3], ARGV[2])
end
return found`;

export const TICKET_SCRIPTS = {
  putTicket: { lua: PUT, numberOfKeys: 1 },
  takeTicket: { lua: TAKE, numberOfKeys: 1 },
};

/** As the client has them once it was made with `TICKET_SCRIPTS`. */
export interface TicketCommands {
  putTicket(
    key: string,
    holder: string,
    extranonce1: string,
    difficulty: string,
    endMs: number,
    leftMs: number,
  ): unknown;
  takeTicket(key: string, holder: string, name: string): Promise<[string, string, string] | null>;
}
