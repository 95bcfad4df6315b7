/**
 * What a message may have read for it. One rule: files and URLs are opened by the one who makes the transport, never by a message: that
 * may have come from anywhere. A message can only close.
 */
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { causesOf, configError, NodemailerError } from './nodemailer-error.js';
import { listOf } from './own-keys.js';
import type { CommonOptions } from './transport-types.js';

type Allowed = 'all' | readonly string[];

export class Access {
  readonly #files: Allowed;
  readonly #urls: Allowed;

  /** @throws NodemailerError: `ECONFIG`. */
  constructor(files: Allowed, urls: Allowed) {
    this.#files = files;
    this.#urls = urls;
  }

  static of(options: CommonOptions): Access {
    const files =
      options.disableFileAccess === true
        ? []
        : options.allowFileAccess === true
          ? 'all'
          : texts('files', options.files);
    const urls =
      options.disableUrlAccess === true ? [] : options.allowUrlAccess === true ? 'all' : texts('urls', options.urls);
    if (urls !== 'all') for (const url of urls) checkPrefix(url);
    return new Access(files, urls);
  }

  /** The same, and what a message closes. */
  closedBy(message: { readonly disableFileAccess?: unknown; readonly disableUrlAccess?: unknown }): Access {
    return new Access(
      isOn(message.disableFileAccess) ? [] : this.#files,
      isOn(message.disableUrlAccess) ? [] : this.#urls,
    );
  }

  /**
   * The real path of a file that may be read.
   *
   * @throws NodemailerError: `EFILEACCESS`; `ESTREAM` when there is no such file.
   */
  async file(path: string): Promise<string> {
    if (this.#files === 'all') return resolve(path);
    if (this.#files.length === 0) throw fileRefused(path);
    const real = await realPath(path);
    for (const folder of this.#files) if (isInside(real, await realPath(folder))) return real;
    throw fileRefused(path);
  }

  /** @throws NodemailerError: `EURLACCESS`. */
  url(text: string): URL {
    const url = parsed(text);
    const isHttp = url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:');
    if (!isHttp) throw urlRefused(text, 'Only http and https URLs can be fetched.');
    if (this.#urls === 'all') return url;
    const isAllowed = this.#urls.some((prefix) => startsWith(url, new URL(prefix)));
    if (isAllowed) return url;
    throw urlRefused(
      text,
      "Create the transport with urls: ['https://assets.example.com/'] (what may be fetched) or allowUrlAccess: true.",
    );
  }
}

function texts(option: string, given: unknown): readonly string[] {
  return listOf(given).map((item) => {
    if (typeof item === 'string' && item !== '' && !item.includes('\0')) return item;
    throw configError(`the option ${option} is neither text nor a list of texts`, "Give files: './assets'.");
  });
}

function checkPrefix(text: string): void {
  const url = parsed(text);
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return;
  throw configError(
    `the option urls has ${JSON.stringify(text.slice(0, 80))}, which is no http URL`,
    "Give what a URL may begin with: 'https://assets.example.com/mail/'.",
  );
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** By parts: a prefix of letters would let `https://assets.example.com.evil.example/` pass, and `/mail` `/mailing`. */
function startsWith(url: URL, prefix: URL): boolean {
  if (url.origin !== prefix.origin) return false;
  const folder = prefix.pathname.endsWith('/') ? prefix.pathname : `${prefix.pathname}/`;
  return url.pathname === prefix.pathname || url.pathname.startsWith(folder);
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function realPath(path: string): Promise<string> {
  try {
    return await realpath(resolve(path));
  } catch (cause) {
    const [code = 'unknown'] = causesOf(cause).map((error) => String((error as NodeJS.ErrnoException).code));
    throw new NodemailerError(`${JSON.stringify(path)} cannot be read (${code})`, 'ESTREAM', {
      command: 'API',
      originalCode: code,
      hint: 'A path is relative to the working directory of the process.',
      cause,
    });
  }
}

function isOn(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '' && value !== 0;
}

function fileRefused(path: string): NodemailerError {
  return new NodemailerError(
    `the message names the file ${JSON.stringify(path)}, which may not be read`,
    'EFILEACCESS',
    {
      command: 'API',
      hint:
        "Create the transport with files: './assets' (the folder it is in) or allowFileAccess: true; or give the content itself, " +
        'or fileAttachment(path) of posthaste.',
    },
  );
}

function urlRefused(url: string, hint: string): NodemailerError {
  return new NodemailerError(
    `the message names the URL ${JSON.stringify(url)}, which may not be fetched`,
    'EURLACCESS',
    {
      command: 'API',
      hint,
    },
  );
}
