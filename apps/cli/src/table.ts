/** Columns as wide as what is in them. */

/** Numbers stand right; columns are named by their titles. */
export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

export const formatTable = (columns: readonly Column[], rows: readonly (readonly string[])[]): string => {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const cell = (text: string, at: number): string =>
    columns[at]?.isNumber === true ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
  return lines.map((line) => line.map(cell).join('  ').trimEnd()).join('\n');
};
