// The tests that tables of a document name: `file.test.ts` "title", "another title of that file". Each file has to
// exist and to hold the titles; a title may also be a row of a .md file named beside it. Where paths begin, the
// document says itself: "Tests are under `folder`", or "`short/` is `folder`".
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TOKEN = /`([^`\s]+\.(?:test\.ts|md))`|"([^"]+)"/g;

const foldersOf = (document) => ({
  under: /Tests are under `([^`]+)`/.exec(document)?.[1],
  aliases: Array.from(document.matchAll(/`([a-z]+\/)` is `([^`]+)`/g), ([, short, folder]) => [
    short,
    folder,
  ]),
  libraries: Array.from(document.matchAll(/`(libs\/[^`]+)\/QUIRKS\.md`/g), ([, folder]) => folder),
});

const find = (root, name, { under, aliases, libraries }) => {
  const alias = aliases.find(([short]) => name.startsWith(short));
  const candidates = [
    name,
    ...(under === undefined ? [] : [join(under, name)]),
    ...(alias === undefined ? [] : [join(alias[1], name.slice(alias[0].length))]),
    ...libraries.map((folder) => join(folder, name)),
  ];
  return candidates.map((path) => join(root, path)).find((path) => existsSync(path));
};

/** Problems of the last cell of one row. */
const problemsOfCell = (root, cell, folders) => {
  const tokens = Array.from(cell.matchAll(TOKEN), ([, file, title]) => ({ file, title }));
  const texts = new Map();
  const problems = [];
  for (const { file } of tokens) {
    if (file === undefined) continue;
    const path = find(root, file, folders);
    if (path === undefined) problems.push(`${file} does not exist`);
    texts.set(file, path === undefined ? undefined : readFileSync(path, 'utf8'));
  }
  const tables = [...texts].filter(([file]) => file.endsWith('.md')).map(([, text]) => text ?? '');
  let test;
  for (const { file, title } of tokens) {
    if (file?.endsWith('.test.ts')) test = file;
    if (title === undefined || test === undefined || texts.get(test) === undefined) continue;
    if (![texts.get(test), ...tables].some((text) => text.includes(title)))
      problems.push(`${test} has no test "${title}"`);
  }
  return problems;
};

/** Of a document's rows whose last cell names tests; `rows` tells that any do. */
export const checkNamedTests = (root, document) => {
  const folders = foldersOf(document);
  const cells = document
    .split('\n')
    .filter((line) => line.startsWith('|') && line.includes('.test.ts`'))
    .map((line) => line.split(/(?<!\\)\|/).at(-2) ?? '');
  return { rows: cells.length, problems: cells.flatMap((cell) => problemsOfCell(root, cell, folders)) };
};
