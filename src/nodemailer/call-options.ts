/** What one message asks of its sending: reports (RFC 3461), TLS all the way (RFC 8689). One rule: it is asked for, or refused. */
import type { DsnOptions, SendMessageOptions } from '../index.js';
import { NodemailerError } from './nodemailer-error.js';
import { isRecord, listOf } from './own-keys.js';

type Data = Readonly<Record<string, unknown>>;

/** @throws NodemailerError: `EENVELOPE`. */
export function callOptionsOf(data: Data): Pick<SendMessageOptions, 'dsn' | 'rcptOptions' | 'requireTls' | 'signal'> {
  const { signal } = data;
  return {
    ...dsnOf(data['dsn']),
    ...(data['requireTLSExtensionEnabled'] === true ? { requireTls: true } : {}),
    ...(signal instanceof AbortSignal ? { signal } : {}),
  };
}

const RET: Readonly<Record<string, NonNullable<DsnOptions['ret']>>> = {
  hdrs: 'headers',
  headers: 'headers',
  full: 'full',
  body: 'full',
};

const NOTIFY: Readonly<Record<string, NonNullable<DsnOptions['notify']>[number]>> = {
  never: 'never',
  success: 'success',
  failure: 'failure',
  delay: 'delay',
};

function dsnOf(given: unknown): Pick<SendMessageOptions, 'dsn' | 'rcptOptions'> {
  if (given === undefined || given === null || given === false) return {};
  if (!isRecord(given)) throw invalid('dsn', given);
  const ret = wordAt(given['ret'] ?? given['return'], 'dsn.ret', RET);
  const envid = textAt(given['envid'] ?? given['id'], 'dsn.id');
  const notify = notifyOf(given['notify']);
  const recipient = textAt(given['orcpt'] ?? given['recipient'], 'dsn.recipient');
  const dsn: DsnOptions = {
    ...(ret === undefined ? {} : { ret }),
    ...(envid === undefined ? {} : { envid }),
    ...(notify.length === 0 ? {} : { notify }),
  };
  return {
    ...(Object.keys(dsn).length === 0 ? {} : { dsn }),
    ...(recipient === undefined
      ? {}
      : { rcptOptions: { ORCPT: recipient.includes(';') ? recipient : `rfc822;${recipient}` } }),
  };
}

function notifyOf(given: unknown): NonNullable<DsnOptions['notify']> {
  const words = typeof given === 'string' ? given.split(',') : listOf(given);
  return words.flatMap((word) => wordAt(word, 'dsn.notify', NOTIFY) ?? []);
}

function wordAt<T>(given: unknown, where: string, words: Readonly<Record<string, T>>): T | undefined {
  const word = textAt(given, where)?.trim().toLowerCase();
  if (word === undefined) return undefined;
  if (Object.hasOwn(words, word)) return words[word];
  throw invalid(where, given);
}

function textAt(given: unknown, where: string): string | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  if (typeof given === 'string') return given;
  throw invalid(where, given);
}

function invalid(where: string, given: unknown): NodemailerError {
  return new NodemailerError(`${where} cannot be ${JSON.stringify(given)}`, 'EENVELOPE', {
    command: 'API',
    hint: "Give dsn: { id, return: 'headers' or 'full', notify: ['success', 'failure', 'delay'] or 'never', recipient }.",
  });
}
