/**
 * Content from the web. One rule: all of it is here before the message begins to leave, within limits, and every address that is asked
 * for on the way was allowed.
 */
import type { Access } from './access.js';
import { NodemailerError } from './nodemailer-error.js';
import { ownEntries } from './own-keys.js';

const MAX_OCTETS = 67_108_864;
const TIMEOUT_MS = 60_000;
const MAX_REDIRECTIONS = 5;

/** @throws NodemailerError: `EURLACCESS`, `EFETCH`. */
export async function fetchUrl(
  text: string,
  access: Access,
  httpHeaders: unknown,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const limits = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  let headers = ownEntries(httpHeaders).map(([name, value]): [string, string] => [name, String(value)]);
  let url = access.url(text);
  for (let hops = 0; hops <= MAX_REDIRECTIONS; hops += 1) {
    const response = await ask(url, headers, limits);
    const { status } = response;
    if (status >= 200 && status < 300) return await bodyOf(response, url);
    const target = response.headers.get('location');
    await response.body?.cancel();
    if (status < 300 || status > 399 || target === null) throw failed(url, `it answered ${String(status)}`);
    const next = access.url(new URL(target, url).href);
    // What was given for one server is not shown to another.
    if (next.origin !== url.origin) headers = [];
    url = next;
  }
  throw failed(url, `it was redirected more than ${String(MAX_REDIRECTIONS)} times`);
}

async function ask(url: URL, headers: [string, string][], signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { headers, redirect: 'manual', signal });
  } catch (error) {
    throw failed(url, 'there was no answer', error);
  }
}

async function bodyOf(response: Response, url: URL): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      octets += chunk.length;
      if (octets > MAX_OCTETS) throw failed(url, `it is larger than ${String(MAX_OCTETS)} octets`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof NodemailerError ? error : failed(url, 'the answer ended too early', error);
  }
  return Buffer.concat(chunks);
}

function failed(url: URL, why: string, cause?: unknown): NodemailerError {
  // Without what may be a secret in it.
  const shown = `${url.origin}${url.pathname}`;
  return new NodemailerError(`${JSON.stringify(shown)} could not be fetched: ${why}`, 'EFETCH', {
    command: 'API',
    hint: 'Fetch it yourself, and give its octets as content.',
    cause,
  });
}
