/** Reads rows in the order of the log, page by page; the next page is on its way while one is worked on. */

export interface Sequenced {
  /** Where the next page begins behind. */
  readonly sequence: string;
}

type ReadPage<Row> = (after: bigint) => Promise<readonly Row[]>;

/** A failure is met when the page is wanted. */
const readAhead = <Row>(read: ReadPage<Row>, after: bigint): Promise<readonly Row[]> => {
  const page = read(after);
  page.catch(() => undefined);
  return page;
};

export const eachRow = async <Row extends Sequenced>(
  after: bigint,
  read: ReadPage<Row>,
  visit: (row: Row) => void,
): Promise<void> => {
  let page = readAhead(read, after);
  for (;;) {
    const rows = await page;
    const last = rows.at(-1);
    if (last === undefined) return;
    page = readAhead(read, BigInt(last.sequence));
    for (const row of rows) visit(row);
  }
};
