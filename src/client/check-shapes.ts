/**
 * What a caller without a type checker gave is looked at once, where it comes in: a value of the wrong kind is refused by name,
 * because ignoring it would quietly drop what it asked for.
 */
import { MessageError } from '../errors.js';

export type Shape = 'text' | 'flag' | 'function' | 'list' | 'object' | 'signal';

export type Shapes = Readonly<Record<string, readonly Shape[]>>;

const IS: Readonly<Record<Shape, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  flag: (value) => typeof value === 'boolean',
  function: (value) => typeof value === 'function',
  list: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  // By shape: a signal may come from another realm.
  signal: (value) => typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value,
};

const WORDS: Readonly<Record<Shape, string>> = {
  text: 'a string',
  flag: 'true or false',
  function: 'a function',
  list: 'an array',
  object: 'an object',
  signal: 'an AbortSignal',
};

/** Throws MessageError, code `ERR_INVALID_OPTION`, unless `given` is an object and what it has of `shapes` fits. */
export function checkShapes(given: unknown, shapes: Shapes): void {
  if (!IS.object(given)) {
    const kind =
      given === null || given === undefined ? String(given) : Array.isArray(given) ? 'an array' : `a ${typeof given}`;
    throw refused(`the options are no object but ${kind}`, "Give them by name, such as { host: 'mail.example' }.");
  }
  const options = given as Readonly<Record<string, unknown>>;
  // Not by Object.entries(), which makes an array for each name: this stands in front of each message.
  for (const name in shapes) {
    const value = options[name];
    if (value === undefined) continue;
    const allowed = shapes[name] ?? [];
    if (allowed.some((shape) => IS[shape](value))) continue;
    const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
    const wanted = allowed.map((shape) => WORDS[shape]).join(' or ');
    // The kind alone: the value may be a secret.
    throw refused(`the option ${name} must be ${wanted}, not ${kind}`, 'Leave it out for the default.');
  }
}

function refused(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_OPTION', hint });
}
