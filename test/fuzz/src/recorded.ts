/** The recorded lines of a vector file, whatever the kinds that hold them. */
import { type RecordedMessage, loadVectors } from '../../conformance/src/vectors.ts';

/** Lines of pools are in it too: some miners answer, and some are pools themselves. */
export const recordedLines = (vectors: string): readonly string[] => {
  const lines = new Set<string>();
  for (const one of loadVectors(vectors)) {
    const { messages, line, msg, submit, request } = one as Readonly<Record<string, unknown>>;
    for (const { dir, msg: said } of (messages ?? []) as readonly RecordedMessage[]) {
      if (dir === 'c2s') lines.add(JSON.stringify(said));
    }
    for (const text of [line, msg, submit, request]) {
      if (typeof text === 'string') lines.add(text);
      else if (typeof text === 'object' && text !== null) lines.add(JSON.stringify(text));
    }
  }
  return Array.from(lines);
};
