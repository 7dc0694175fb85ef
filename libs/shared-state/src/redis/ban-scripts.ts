/**
 * Bans in Redis. `otedama:bans` is a hash, key of the subject to `END\nJSON`, the end in unix ms of Redis, empty:
 * none. Two sorted sets say when they end, of those imposed and of operators'. `otedama:bans:meta` tells what there
 * is: `version` counts the changes, and `epoch` is another one in a Redis that came back empty. Each change is told
 * on a channel, `EPOCH VERSION ORIGIN\nKEY\nMS\nJSON`; without MS and JSON the ban was removed.
 */
export const BANS = 'otedama:bans';
const IMPOSED = 'otedama:bans:imposed';
const ORDERED = 'otedama:bans:ordered';
const META = 'otedama:bans:meta';
export const BANS_CHANNEL = 'otedama:bans:changes';

const COMMON = `
local bans, imposed, ordered, meta = '${BANS}', '${IMPOSED}', '${ORDERED}', '${META}'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function tell(origin, rest)
  local version = redis.call('HINCRBY', meta, 'version', 1)
  local head = redis.call('HGET', meta, 'epoch') .. ' ' .. version .. ' ' .. origin
  redis.call('PUBLISH', '${BANS_CHANNEL}', head .. '\\n' .. rest)
end
for _, ends in ipairs({ imposed, ordered }) do
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 100)) do
    redis.call('ZREM', ends, key)
    redis.call('HDEL', bans, key)
  end
end
`;

/**
 * ARGV: origin, key, JSON, ms until the end or '', 'operator' or '', how many of its kind there may be, an epoch if
 * there is none. Returns 0 when there is no room; 1 otherwise, also when a stronger one is in force.
 */
const PUT = `${COMMON}
local key, isOrder, max = ARGV[2], ARGV[5] == 'operator', tonumber(ARGV[6])
local ending = ARGV[4] == '' and 'inf' or string.format('%.0f', now + tonumber(ARGV[4]))
redis.call('HSETNX', meta, 'epoch', ARGV[7])
if isOrder then
  if not redis.call('ZSCORE', ordered, key) and redis.call('ZCARD', ordered) >= max then return 0 end
  redis.call('ZREM', imposed, key)
else
  if redis.call('ZSCORE', ordered, key) then return 1 end
  local known = redis.call('ZSCORE', imposed, key)
  if known and (known == 'inf' or ending ~= 'inf' and tonumber(known) >= tonumber(ending)) then return 1 end
end
redis.call('HSET', bans, key, (ending == 'inf' and '' or ending) .. '\\n' .. ARGV[3])
redis.call('ZADD', isOrder and ordered or imposed, ending, key)
if not isOrder and redis.call('ZCARD', imposed) > max then
  redis.call('HDEL', bans, redis.call('ZPOPMIN', imposed)[1])
end
tell(ARGV[1], key .. '\\n' .. ARGV[4] .. '\\n' .. ARGV[3])
return 1`;

/** ARGV: origin, key. Returns whether it was in force. */
const REMOVE = `${COMMON}
redis.call('ZREM', imposed, ARGV[2])
redis.call('ZREM', ordered, ARGV[2])
if redis.call('HDEL', bans, ARGV[2]) == 0 then return 0 end
tell(ARGV[1], ARGV[2] .. '\\n\\n')
return 1`;

/** ARGV: an epoch if there is none. Returns epoch, version, and the time of Redis in unix ms. */
const META_NOW = `
redis.call('HSETNX', '${META}', 'epoch', ARGV[1])
local time = redis.call('TIME')
local found = redis.call('HMGET', '${META}', 'epoch', 'version')
return { found[1], tonumber(found[2] or 0), time[1] * 1000 + math.floor(time[2] / 1000) }`;

export const BAN_SCRIPTS = {
  putBan: { lua: PUT, numberOfKeys: 0 },
  removeBan: { lua: REMOVE, numberOfKeys: 0 },
  bansMeta: { lua: META_NOW, numberOfKeys: 0 },
};

export interface BanCommands {
  putBan(
    origin: string,
    key: string,
    json: string,
    forMs: number | '',
    kind: 'operator' | '',
    max: number,
    epoch: string,
  ): Promise<0 | 1>;
  removeBan(origin: string, key: string): Promise<0 | 1>;
  bansMeta(epoch: string): Promise<[epoch: string, version: number, nowMs: number]>;
}
