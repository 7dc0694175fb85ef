/** A budget in Redis is a hash: `tokens` that are left, and `at`, when that was, in unix ms of Redis. */
export const bucketKey = (counter: string, key: string): string => `otedama:rate:${counter}:${key}`;

/**
 * KEYS: bucket. ARGV: tokens drawn, rate per second, burst. Returns what is left, below zero where processes that
 * did not know of each other drew too much; no further than a burst, or one of them could lock out a key for long.
 */
const DRAW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local rate, burst = tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = burst
if known[1] then
  tokens = math.min(burst, tonumber(known[1]) + math.max(0, now - tonumber(known[2])) * rate / 1000)
end
tokens = math.max(-burst, tokens - tonumber(ARGV[1]))
local left = string.format('%.6f', tokens)
redis.call('HSET', KEYS[1], 'tokens', left, 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) * 1000 / rate) + 1000)
return left`;

export const COUNTER_SCRIPTS = { drawTokens: { lua: DRAW, numberOfKeys: 1 } };

export interface CounterCommands {
  drawTokens(bucket: string, drawn: number, ratePerSecond: number, burst: number): unknown;
}
