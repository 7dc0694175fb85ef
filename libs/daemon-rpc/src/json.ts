/** JSON of a stranger as a value: text that is none, or of another shape, is an expected outcome here. */
import type { z } from 'zod';
import { cleanText } from './errors.ts';

export type ParsedJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

export const parseJson = (text: string): ParsedJson => {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
};

/** The first thing that is wrong with a value, in one line. */
export const firstIssue = (error: z.ZodError): string => {
  const issue = error.issues[0];
  if (issue === undefined) return 'unknown issue';
  const path = issue.path.map(String).join('.');
  return cleanText(path === '' ? issue.message : `${path}: ${issue.message}`);
};
