/** What docs/mailer.md and docs/observability.md show does what they say. */
import { jest } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { publishAnomaly } from '../../src/mailer/diagnostics.js';
import { Mailer } from '../../src/mailer/mailer.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';
import { compilerSays, runSnippet, snippetsOf, type Snippet } from '../support/snippets.js';
import { spans, SpanStatusCode } from './stand-ins/opentelemetry-api.js';
import { samples } from './stand-ins/prom-client.js';

const [first, list, service] = snippetsOf('docs/mailer.md');
const recipes = snippetsOf('docs/observability.md').map(withStandIns);
const MESSAGE = { from: 'ann@example.org', to: ['bob@example.org', 'eve@example.org'], text: 'Hello' };

/** The packages of a recipe are not installed here; what it uses of them is stood in for. */
function withStandIns(snippet: Snippet): Snippet {
  // Seen from where the snippets are written to.
  const code = snippet.code
    .replace("'@opentelemetry/api'", "'../../test/mailer/stand-ins/opentelemetry-api.js'")
    .replace("'prom-client'", "'../../test/mailer/stand-ins/prom-client.js'");
  writeFileSync(snippet.path, code);
  return { ...snippet, code };
}

async function printed(snippet: Snippet | undefined, server: ScriptedServer): Promise<string> {
  if (snippet === undefined) throw new Error('the document has lost a snippet');
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
    lines.push(words.join(' '));
  });
  const { env } = process;
  process.env = { ...env, SMTP_URL: server.url };
  try {
    await runSnippet(snippet);
  } finally {
    process.env = env;
    log.mockRestore();
  }
  return lines.join('\n');
}

describe('the snippets', () => {
  it('compile under strict settings', () => {
    const all = [...snippetsOf('docs/mailer.md'), ...recipes];
    expect(all).toHaveLength(5);
    expect(compilerSays(all)).toEqual([]);
  }, 60_000);

  it('send a message', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    expect(await printed(first, server)).toBe('bob@example.org true');
  });

  it('send a list, and say what became of each', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { 'RCPT:<carol@example.org>': '550 5.1.1 no' } } });
    const lines = (await printed(list, server)).split('\n').sort();
    expect(lines).toEqual(['0 sent', '1 ERR_RECIPIENTS_REFUSED refused', '2 sent']);
  });

  it('end with the process', async () => {
    const before = process.listeners('SIGTERM');
    await using server = await ScriptedServer.start({ behave: {} });
    await printed(service, server);
    const added = process.listeners('SIGTERM').filter((listener) => !before.includes(listener));
    expect([server.totals.queued, added.length]).toEqual([1, 1]);
    for (const listener of added) process.removeListener('SIGTERM', listener);
  });
});

describe('the recipes', () => {
  beforeAll(async () => {
    for (const recipe of recipes) await runSnippet(recipe);
    await using server = await ScriptedServer.start({
      behave: { on: { 'RCPT:2': '550 5.1.1 no', 'MAIL:2': '550 5.7.1 no' } },
    });
    await using mailer = new Mailer(server.url, { maxConnections: 1 });
    await mailer.send(MESSAGE);
    await rejectionOf(mailer.send(MESSAGE));
    const where = { host: 'mx.example', port: 25, path: undefined };
    publishAnomaly(where, { kind: 'slow-final', message: '' }, { overlap: 'message', chunking: 'off' });
  }, 60_000);

  it('make a span of each message, which ends once and tells what went wrong', () => {
    expect(spans.map(({ name, ends, status }) => [name, ends, status.code])).toEqual([
      ['posthaste: smtp send', 1, SpanStatusCode.UNSET],
      ['posthaste: smtp send', 1, SpanStatusCode.ERROR],
    ]);
    expect(spans[0]?.attributes).toMatchObject({
      'server.address': '127.0.0.1',
      'smtp.recipients.accepted': 1,
      'smtp.recipients.refused': 1,
    });
    expect(spans[1]?.attributes).toMatchObject({ 'error.type': 'ERR_SENDER_REFUSED', 'smtp.delivery': 'refused' });
    expect(JSON.stringify(spans)).not.toMatch(/bob@|eve@|ann@/);
  });

  it('count recipients, failures, connections and anomalies', () => {
    expect(Object.fromEntries(samples)).toEqual({
      'smtp_recipients_total{status="accepted"}': 1,
      'smtp_recipients_total{status="refused"}': 1,
      'smtp_recipients_total{status="unknown"}': 0,
      'smtp_send_failures_total{code="ERR_SENDER_REFUSED",delivery="refused"}': 1,
      smtp_send_seconds_count: 2,
      'smtp_connections_total{result="ok"}': 1,
      'smtp_anomalies_total{kind="slow-final"}': 1,
    });
  });
});
