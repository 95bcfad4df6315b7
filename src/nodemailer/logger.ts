/** Logs in bunyan's form, to whatever the caller gives. One rule: a log that fails breaks nothing. */
import { format } from 'node:util';
import type { WireEvent } from '../index.js';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type Log = (entry: object, message: string, ...args: readonly unknown[]) => void;
export type Logger = Readonly<Record<LogLevel, Log>>;

const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
/** What a level falls back to where the logger of the caller lacks it. */
const INSTEAD = ['info', 'debug', 'log', 'trace', 'warn', 'error'];

/** `true`: the console; an object: its methods; else nothing. */
export function loggerOf(given: unknown, component: string): Logger {
  const log = (level: LogLevel): Log => {
    if (given === true) return toConsole(level);
    if (typeof given !== 'object' || given === null) return () => undefined;
    const target = given as Readonly<Record<string, unknown>>;
    const name = [level, ...INSTEAD].find((one) => typeof target[one] === 'function');
    if (name === undefined) return () => undefined;
    return (entry, message, ...args) => {
      try {
        (target[name] as Log).call(target, { component, ...entry }, message, ...args);
      } catch {
        return;
      }
    };
  };
  return Object.fromEntries(LEVELS.map((level) => [level, log(level)])) as unknown as Logger;
}

function toConsole(level: LogLevel): Log {
  return (entry, message, ...args) => {
    const mark = 'tnx' in entry ? ({ client: 'C: ', server: 'S: ' }[String(entry.tnx)] ?? '') : '';
    const time = new Date().toISOString().slice(0, 19).replace('T', ' ');
    for (const line of format(message, ...args).split(/\r?\n/)) {
      process.stdout.write(`[${time}] ${level.toUpperCase().padEnd(5)} ${mark}${line}\n`);
    }
  };
}

/** One line of a conversation. */
export function logWire(logger: Logger, { direction, text }: WireEvent): void {
  const tnx = { sent: 'client', received: 'server', state: 'network' }[direction];
  logger.debug({ tnx }, '%s', text);
}
