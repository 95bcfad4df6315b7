/**
 * From words to what a command was given. An option is known, has a value where it needs one, stands once unless it may be
 * repeated; everything else is refused, and a value is never quoted back: it may be a secret.
 */
import { parseArgs } from 'node:util';
import { CliError } from './cli-error.js';
import type { Arguments, OptionSpec } from './command.js';
import { suggest } from './suggest.js';

/** Throws CliError, exit `usage`. `help` is the command to run for help. */
export function parseArguments(words: readonly string[], specs: readonly OptionSpec[], help: string): Arguments {
  const { tokens } = parseArgs({ args: [...words], options: forParseArgs(specs), strict: false, tokens: true });
  const given = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = specs.find(({ name }) => name === token.name);
    if (spec === undefined) throw unknown(token.rawName, specs, help);
    const before = given.get(spec.name) ?? [];
    if (before.length > 0 && spec.value !== undefined && spec.repeatable !== true) {
      throw new CliError('usage', `${token.rawName} was given twice`, 'Give it once.');
    }
    given.set(spec.name, [...before, valueOf(spec, token)]);
  }
  return {
    operands,
    has: (name) => given.has(name),
    value: (name) => given.get(name)?.[0],
    values: (name) => given.get(name) ?? [],
  };
}

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function valueOf(spec: OptionSpec, { rawName, value, inlineValue }: OptionToken): string {
  if (spec.value === undefined) {
    if (value !== undefined) throw new CliError('usage', `${rawName} takes no value`, `Write ${rawName} alone.`);
    return '';
  }
  // `--from --to x` is a forgotten value sooner than an address that begins with a dash.
  if (value === undefined || (inlineValue !== true && value.startsWith('-') && value !== '-')) {
    const hint = `Write ${rawName} ${spec.value}, or ${rawName}=${spec.value} when it begins with a dash.`;
    throw new CliError('usage', `${rawName} has no value`, hint);
  }
  if (spec.choices !== undefined && !spec.choices.includes(value)) {
    const meant = suggest(value, spec.choices);
    const question = meant === undefined ? '' : `Did you mean ${meant}? `;
    throw new CliError(
      'usage',
      `${rawName} has a value that it does not take`,
      `${question}It takes ${list(spec.choices)}.`,
    );
  }
  return value;
}

function unknown(rawName: string, specs: readonly OptionSpec[], help: string): CliError {
  const names = specs.map(({ name }) => name);
  const meant = suggest(rawName.replace(/^--?/, ''), names);
  const hint = meant === undefined ? `Run ${help} to see what there is.` : `Did you mean --${meant}?`;
  return new CliError('usage', `there is no option ${rawName}`, hint);
}

function list(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}

function forParseArgs(specs: readonly OptionSpec[]): Record<string, { type: 'string' | 'boolean'; short?: string }> {
  return Object.fromEntries(
    specs.map(({ name, short, value }) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) },
    ]),
  );
}
