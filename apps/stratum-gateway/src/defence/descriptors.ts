/** How many files and sockets the system lets this process have open. */
import { readFileSync } from 'node:fs';

/** Databases, daemons, logs, the API: what we need ourselves; of a low limit a quarter. */
const OWN_DESCRIPTORS = 512;
const OWN_SHARE = 0.25;

const LIMITS_FILE = '/proc/self/limits';

/** Undefined where the system does not tell. */
export const descriptorLimit = (): number | undefined => {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync(LIMITS_FILE, 'utf8')) ?? [];
    return soft === undefined || soft === 'unlimited' ? undefined : Number(soft);
  } catch (error) {
    // Not a Linux.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Connections that leave us what we need. */
export const affordableConnections = (limit: number): number =>
  limit - Math.min(OWN_DESCRIPTORS, Math.ceil(limit * OWN_SHARE));
