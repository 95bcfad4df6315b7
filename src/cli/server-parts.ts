/**
 * The servers of a URL one by one, for commands that speak to each by themselves: where, as whom, and the options that are about one
 * connection. What is wrong with the URL, the mailer says, so that every command takes the same ones.
 */
import { Mailer, type SMTPOptions, type TlsMode } from '../index.js';

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface ServerParts {
  /** Without user, password and options. */
  readonly url: string;
  readonly login: Login | undefined;
  readonly options: SMTPOptions;
}

const GROUP_FORM = /^(?:failover|roundrobin):\(([^()]*)\)(?:\?(.*))?$/is;
const LOGIN_FORM = /^([a-z+]+:\/\/)([^@/?#:]*):([^@/?#]*)@(.*)$/is;

/** One at least, in their order. Throws MessageError. */
export function serversOf(url: string): readonly ServerParts[] {
  new Mailer(url);
  const [, urls, common = ''] = GROUP_FORM.exec(url.trim()) ?? [];
  const list = urls === undefined ? [url.trim()] : urls.split(/[\s,]+/).filter((one) => one !== '');
  return list.map((one) => partsOf(one, connectionOptions(common)));
}

function partsOf(url: string, common: SMTPOptions): ServerParts {
  const mark = url.indexOf('?');
  const [bare, query] = mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  const options = { ...common, ...connectionOptions(query) };
  const [, scheme, user, password, rest] = LOGIN_FORM.exec(bare) ?? [];
  if (scheme === undefined || user === undefined || password === undefined || rest === undefined) {
    return { url: bare, login: undefined, options };
  }
  const login = { user: decodeURIComponent(user), password: decodeURIComponent(password) };
  return { url: scheme + rest, login, options };
}

/** Those of a pool of connections mean nothing to one connection. */
function connectionOptions(query: string): SMTPOptions {
  const options: SMTPOptions = {};
  // A plus sign is one: only forms write it for a space.
  for (const [name, value] of new URLSearchParams(query.replaceAll('+', '%2B'))) {
    switch (name) {
      case 'tls':
        options.tls = value as TlsMode;
        break;
      case 'localHostname':
      case 'sourceAddress':
        options[name] = value;
        break;
      case 'timeoutMs':
      case 'sourcePort':
        options[name] = Number(value);
        break;
      case 'pipelining':
      case 'allowInsecureAuth':
        options[name] = value === 'true';
        break;
      case 'disableExtensions':
        options.disableExtensions = value.split(',');
    }
  }
  return options;
}
