/** Durations and points in time, in words as short as they can be without guessing. */
const SECOND_MS = 1_000;
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** The two largest units: `3 d 4 h`, `12 min 5 s`. */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds));
  if (total < MINUTE_S) return `${total} s`;
  if (total < HOUR_S) return `${Math.floor(total / MINUTE_S)} min ${total % MINUTE_S} s`;
  if (total < DAY_S) {
    return `${Math.floor(total / HOUR_S)} h ${Math.floor((total % HOUR_S) / MINUTE_S)} min`;
  }
  return `${Math.floor(total / DAY_S)} d ${Math.floor((total % DAY_S) / HOUR_S)} h`;
}

/** How long ago, by the largest unit alone. Clocks that disagree a little make `now`, not a negative age. */
export function formatAge(thenMs: number, nowMs: number): string {
  const seconds = Math.floor((nowMs - thenMs) / SECOND_MS);
  if (seconds < 1) return 'now';
  if (seconds < MINUTE_S) return `${seconds} s ago`;
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min ago`;
  if (seconds < DAY_S) return `${Math.floor(seconds / HOUR_S)} h ago`;
  return `${Math.floor(seconds / DAY_S)} d ago`;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

export const formatClock = (atMs: number): string => clock.format(atMs);
export const formatTimestamp = (atMs: number): string => full.format(atMs);
