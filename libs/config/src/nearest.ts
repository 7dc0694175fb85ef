/** "Did you mean": the closest of a few known words, or none when nothing is close. */

const distance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
};

/** A third of the word may differ; longer words than any of ours are not compared. */
export const nearestWord = (word: string, known: Iterable<string>): string | undefined => {
  if (word.length > 64) return undefined;
  const wanted = word.toLowerCase();
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const found = distance(wanted, candidate.toLowerCase());
    if (found <= Math.max(1, candidate.length / 3) && (best === undefined || found < best.distance)) {
      best = { word: candidate, distance: found };
    }
  }
  return best?.word;
};
