/** Arguments as they come from JavaScript. One rule: a value of the wrong kind is an error that says where, never a fault inside. */
import { MessageError } from '../errors.js';

/** @throws MessageError: `ERR_INVALID_ARGUMENT`. */
export function checkText(value: unknown, what: string): asserts value is string {
  if (typeof value === 'string') return;
  throw new MessageError(`${what} is no text but ${kindOf(value)}`, {
    code: 'ERR_INVALID_ARGUMENT',
    hint: 'Give a string.',
  });
}

/** @throws MessageError: `ERR_INVALID_ARGUMENT`. */
export function checkOptions(value: unknown, what = 'the options argument'): asserts value is object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new MessageError(`${what} is no object but ${kindOf(value)}`, {
    code: 'ERR_INVALID_ARGUMENT',
    hint: 'Options may be left out.',
  });
}

/** @throws MessageError: `ERR_INVALID_OPTION`. */
export function checkChoice(value: unknown, choices: readonly unknown[], name: string): void {
  if (value === undefined || choices.includes(value)) return;
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : kindOf(value);
  throw new MessageError(`the option ${name} cannot be ${shown}`, {
    code: 'ERR_INVALID_OPTION',
    hint: `Choose one of: ${choices.map(String).join(', ')}.`,
  });
}

/** What a wrong value is called. It is not shown itself: it may have no text, or much of it. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value;
}
