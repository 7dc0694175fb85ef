/** Bans as a table, and as what was done about one. */
import type { ShownBan } from '@otedama/app-api-gateway';
import { formatMinute } from '../format.ts';
import { formatTable } from '../table.ts';

/** Whom it keeps out. */
export const describeSubject = ({ network, pool, account, worker }: ShownBan): string => {
  if (account === undefined) return network ?? '';
  const miner = `${pool ?? ''}/${account}${worker === undefined ? '' : `.${worker}`}`;
  return network === undefined ? miner : `${miner} at ${network}`;
};

export const describeAdded = (ban: ShownBan): string => {
  const end = ban.untilMs === undefined ? 'it is removed' : `${formatMinute(ban.untilMs)} UTC`;
  return `${describeSubject(ban)} is kept out until ${end}`;
};

const COLUMNS = ['WHO', 'REASON', 'SINCE (UTC)', 'UNTIL (UTC)', 'BY', 'ID', 'NOTE'].map((title) => ({
  title,
}));

export const describeBans = (bans: readonly ShownBan[]): string =>
  bans.length === 0
    ? 'nobody is kept out'
    : formatTable(
        COLUMNS,
        bans.map((ban) => [
          describeSubject(ban),
          ban.reason,
          formatMinute(ban.sinceMs),
          formatMinute(ban.untilMs),
          ban.by,
          ban.id,
          ban.note,
        ]),
      );
