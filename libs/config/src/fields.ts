/**
 * Building blocks of the schema. A field is an optional zod leaf with a documentation record beside it; the
 * record serves error messages, environment names and the reference page, so the three cannot drift apart.
 * Nothing is required here: what must be there depends on other keys and is decided in `resolve.ts`.
 */
import { z } from 'zod';
import { type Scalar, parseDurationMs } from './values.ts';

export interface FieldDoc {
  /** Completes "… is not". */
  readonly what: string;
  /** Accepted forms, as shown to the operator. */
  readonly allowed?: readonly string[];
  readonly description: string;
  /** As written in a file; absent: no default. */
  readonly default?: string;
  /** Other spellings of the key, renamed before validation. */
  readonly aliases?: readonly string[];
  readonly isPath?: boolean;
  /** Never shown in a message. */
  readonly secret?: boolean;
}

export const fieldDocs = z.registry<FieldDoc>();

export const field = <S extends z.ZodType>(schema: S, doc: FieldDoc): z.ZodOptional<S> => {
  const optional = schema.optional();
  fieldDocs.add(optional, doc);
  return optional;
};

export const section = <S extends z.core.$ZodLooseShape>(shape: S) => z.strictObject(shape).optional();

/** A leaf in one of the languages of `values.ts`. */
export const parsed = <T>(parse: (value: Scalar) => T | undefined) =>
  z.union([z.string(), z.number(), z.boolean()]).transform((value, context): T => {
    const result = parse(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: 'not understood' });
    return z.NEVER;
  });

/** One or more of such values: a list, or a text with commas between them, which a variable can hold. */
export const several = <T>(parse: (value: Scalar) => T | undefined, most: number) =>
  z.union([z.string(), z.array(z.string())]).transform((value, context): readonly T[] => {
    const items = typeof value === 'string' ? value.split(',', most + 1) : value;
    const results = items.map(parse).filter((result) => result !== undefined);
    const isWhole = results.length === items.length && items.length > 0 && items.length <= most;
    if (isWhole) return results;
    context.addIssue({ code: 'custom', message: 'not understood' });
    return z.NEVER;
  });

/** One of a few words, in any case; `synonyms` maps further spellings to them. */
export const oneOf = <const W extends string>(words: readonly W[], synonyms: Record<string, W> = {}) =>
  parsed((value): W | undefined => {
    const text = String(value).toLowerCase();
    return (
      words.find((word) => word === text) ?? (Object.hasOwn(synonyms, text) ? synonyms[text] : undefined)
    );
    // For the JSON Schema, which takes them as they are written here.
  }).meta({ enum: [...words, ...Object.keys(synonyms)] });

export const wholeNumber = (min: number, max: number) => z.int().min(min).max(max);

/** Something visible and no control characters. */
export const text = (maxLength: number) =>
  z
    .string()
    .regex(/\S/)
    .regex(/^\P{Cc}*$/u)
    .max(maxLength)
    .transform((value) => value.trim());

const YES_NO = ['true', 'false'] as const;

export const flag = (description: string, defaultText: string) =>
  field(z.boolean(), { what: 'true or false', allowed: YES_NO, description, default: defaultText });

/** The older files spell this key both ways; `enable` is ours. */
export const enable = (description: string, defaultText: string) =>
  field(z.boolean(), {
    what: 'true or false',
    allowed: YES_NO,
    description,
    default: defaultText,
    aliases: ['enabled'],
  });

export const whole = (min: number, max: number, description: string, defaultText: string) =>
  field(wholeNumber(min, max), {
    what: 'a whole number in range',
    allowed: [`${min} to ${max}`],
    description,
    default: defaultText,
  });

export const path = (description: string, defaultText?: string) =>
  field(text(4096), {
    what: 'a path',
    description,
    isPath: true,
    ...(defaultText === undefined ? {} : { default: defaultText }),
  });

export const duration = (description: string, defaultText: string) =>
  field(parsed(parseDurationMs), {
    what: 'a duration',
    allowed: ['250ms', '5s', '1h30m', '2h'],
    description,
    default: defaultText,
  });
