/** The arguments of MAIL and RCPT (RFC 5321 section 4.1.2), and why a strict server refuses some. */

export interface Path {
  /** Without the angle brackets and without a source route; empty for the null reverse-path. */
  readonly address: string;
  /** The ESMTP parameters as they were given. */
  readonly parameters: readonly string[];
}

/** `FROM:<a@example.org> SIZE=10`; undefined when it is not of that form. */
export function parsePath(argument: string): Path | undefined {
  const [, path, rest = ''] = /^(?:FROM|TO): ?<((?:"(?:[^"\\]|\\.)*"|[^"<>])*)>(?: +(.*))?$/is.exec(argument) ?? [];
  if (path === undefined) return undefined;
  return { address: path.replace(/^@[^:]*:/, ''), parameters: rest.split(' ').filter((word) => word !== '') };
}

/** The extensions that each parameter belongs to. */
const extensionsOf: Readonly<Record<'MAIL' | 'RCPT', Readonly<Record<string, readonly string[]>>>> = {
  MAIL: {
    SIZE: ['SIZE'],
    BODY: ['8BITMIME', 'BINARYMIME'],
    SMTPUTF8: ['SMTPUTF8'],
    RET: ['DSN'],
    ENVID: ['DSN'],
    AUTH: ['AUTH'],
    REQUIRETLS: ['REQUIRETLS'],
    BY: ['DELIVERBY'],
    'MT-PRIORITY': ['MT-PRIORITY'],
    HOLDFOR: ['FUTURERELEASE'],
    HOLDUNTIL: ['FUTURERELEASE'],
  },
  RCPT: { NOTIFY: ['DSN'], ORCPT: ['DSN'] },
};

/** The limit that SIZE announces (RFC 1870); without one, or with 0, there is none. */
export function announcedSize(extensions: readonly string[]): number {
  const limit = Number(
    extensions.map((line) => /^SIZE (\d+)$/.exec(line)?.[1]).find((size) => size !== undefined) ?? 0,
  );
  return limit === 0 ? Infinity : limit;
}

/** The reply that speaks against a path and its parameters; undefined when nothing does. */
export function pathRefusal(
  verb: 'MAIL' | 'RCPT',
  argument: string,
  extensions: readonly string[],
  ofTransaction: readonly string[],
): string | undefined {
  const keyword = verb === 'MAIL' ? 'FROM:' : 'TO:';
  const path = argument.toUpperCase().startsWith(keyword) ? parsePath(argument) : undefined;
  if (path === undefined || (verb === 'RCPT' && path.address === ''))
    return `501 5.5.4 ${verb} needs ${keyword}<address>`;
  const offered = new Set(extensions.map((line) => line.split(' ')[0]));
  const declared = path.parameters.map((parameter) => parameter.toUpperCase());
  for (const parameter of declared) {
    const [name = ''] = parameter.split('=');
    if (extensionsOf[verb][name]?.some((extension) => offered.has(extension)) !== true) {
      return `555 5.5.4 ${name} is not offered`;
    }
  }
  const utf8 = (verb === 'MAIL' ? declared : ofTransaction).some((parameter) => parameter.toUpperCase() === 'SMTPUTF8');
  if (!utf8 && /[^ -~]/.test(path.address)) return '553 5.6.7 a non-ASCII address needs SMTPUTF8';
  const size = Number(declared.map((one) => /^SIZE=(\d+)$/.exec(one)?.[1]).find((one) => one !== undefined) ?? 0);
  return size > announcedSize(extensions) ? '552 5.3.4 the message is too large' : undefined;
}
