/** The shape of a command. Parsing, help, did-you-mean and docs/cli.md all come from values of it: nothing is said twice. */
import type { ExitName } from './exit-codes.js';
import type { Io } from './io.js';

export interface OptionSpec {
  /** Without its dashes; where options are letters, a word that has two of them keeps the second. */
  readonly name: string;
  readonly short?: string;
  /** What the help calls the value, such as `URL`; an option without one is a switch. */
  readonly value?: string;
  readonly repeatable?: true;
  /** The only values that it takes; the first one is the default, where there is one. */
  readonly choices?: readonly string[];
  readonly description: string;
}

export interface Example {
  readonly line: string;
  readonly shows: string;
}

/** What stood on the command line, checked against the options of the command. */
export interface Arguments {
  readonly operands: readonly string[];
  /** Whether a switch was given. */
  has(name: string): boolean;
  /** The value of an option that stands once; undefined when it was not given. */
  value(name: string): string | undefined;
  /** The values of an option that may be repeated, in order. */
  values(name: string): readonly string[];
}

/** Resolves with how it ended. What it throws is reported in one line. */
export type Action = (given: Arguments, io: Io) => Promise<ExitName>;

export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** The arguments that are no options, as the usage line shows them. */
  readonly operands: string;
  /** Words that an argument at that place, counted from 0, may be; for completion. */
  readonly operandWords?: { readonly at: number; readonly words: readonly string[] };
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly options: readonly OptionSpec[];
  /** `letters`: options are letters behind one dash. Default: words behind two, some with a letter as well. */
  readonly style?: 'letters';
  /** Reads the arguments where the ordinary way does not fit; `--help` and `--version` alone are seen to before. */
  readonly parse?: (words: readonly string[]) => Arguments;
  readonly examples: readonly Example[];
  /** Loads the code that does it: `--help` of one command need not wait for the modules of all. */
  readonly load: () => Promise<Action>;
}

/** All there is, for help in other forms. */
export interface CommandTable {
  readonly commands: readonly Command[];
  /** Options that every command takes. */
  readonly commonOptions: readonly OptionSpec[];
}
