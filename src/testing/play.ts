/** The four forms of a script as one value, checked, and which part of it belongs to a connection. */
import { type Behaviour, prepareBehaviour } from './behaviour.js';
import { Mismatch } from './failures.js';
import { Progress } from './run-script.js';
import { parseTranscript, type Script } from './script.js';
import type { Handler, ServerScript } from './server-options.js';

export type Play =
  | { readonly kind: 'script'; readonly script: Script; readonly progress: Map<number, Progress> }
  | { readonly kind: 'handler'; readonly handler: Handler }
  | { readonly kind: 'behave'; readonly behave: (connection: number) => Behaviour };

/** Reads a script. Throws ScriptSyntaxError. */
export function playOf(source: ServerScript): Play {
  if (typeof source === 'string') return playOf(parseTranscript(source));
  if (typeof source === 'function') return { kind: 'handler', handler: source };
  if ('behave' in source) {
    const { behave } = source;
    if (typeof behave === 'function') return { kind: 'behave', behave };
    prepareBehaviour(behave);
    return { kind: 'behave', behave: () => behave };
  }
  const progress = new Map<number, Progress>();
  for (const section of source.sections) {
    if (section.connection !== 'every') progress.set(section.connection, new Progress(section));
  }
  return { kind: 'script', script: source, progress };
}

/** The section of a connection, and how far it has come. */
export function progressOf(play: Extract<Play, { kind: 'script' }>, connection: number): Progress {
  const own = play.progress.get(connection);
  if (own !== undefined) return own;
  const every = play.script.sections.find((section) => section.connection === 'every');
  if (every === undefined) throw new Mismatch('no more connections', `connection ${String(connection)}`);
  const progress = new Progress(every);
  play.progress.set(connection, progress);
  return progress;
}
