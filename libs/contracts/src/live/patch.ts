/**
 * JSON merge patches (RFC 7396) over the documents of live topics: objects all the way down to where a value is
 * replaced whole. A document has no `null` of its own, for in a patch that means: no longer there.
 */
export type LiveValue = string | number | boolean | readonly LiveValue[] | LiveDocument;
export interface LiveDocument {
  readonly [key: string]: LiveValue;
}
export interface LivePatch {
  readonly [key: string]: LiveValue | LivePatch | null;
}

const isDocument = (value: unknown): value is LiveDocument =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A new document; what the patch does not touch is shared with the old one. */
export function applyPatch(document: LiveDocument | undefined, patch: LivePatch): LiveDocument {
  // By entries, not by assignment: a key that the world has chosen may be `__proto__`.
  const members = new Map(Object.entries(document ?? {}));
  for (const [key, change] of Object.entries(patch)) {
    const known = members.get(key);
    if (change === null) members.delete(key);
    else if (isDocument(change)) members.set(key, applyPatch(isDocument(known) ? known : undefined, change));
    else members.set(key, change as LiveValue);
  }
  return Object.fromEntries(members);
}

function sameValue(a: LiveValue, b: LiveValue): boolean {
  if (a === b) return true;
  if (isDocument(a) && isDocument(b)) return diffPatch(a, b) === undefined;
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((item: LiveValue, at) => sameValue(item, b[at] as LiveValue));
}

function changeOf(known: LiveValue | undefined, value: LiveValue): LiveValue | LivePatch | undefined {
  if (known === undefined) return value;
  if (isDocument(known) && isDocument(value)) return diffPatch(known, value);
  if (sameValue(known, value)) return undefined;
  return value;
}

/** What makes `after` of `before`; undefined: nothing. */
export function diffPatch(before: LiveDocument, after: LiveDocument): LivePatch | undefined {
  const changes: [string, LiveValue | LivePatch | null][] = [];
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) changes.push([key, null]);
  for (const [key, value] of Object.entries(after)) {
    const change = changeOf(Object.hasOwn(before, key) ? before[key] : undefined, value);
    if (change !== undefined) changes.push([key, change]);
  }
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}
