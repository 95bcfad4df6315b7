/** The layers of layers.json hold in src/, every source file has its test, and the checker that says so can fail. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { violationsOf, type LayerRules, type Source } from './architecture/source-rules.js';

const root = join(import.meta.dirname, '..');
const rules = JSON.parse(readFileSync(join(root, 'layers.json'), 'utf8')) as LayerRules;

/** The paths below a folder, with forward slashes, sorted. */
function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return entries.map((path) => path.replaceAll('\\', '/')).sort();
}

const sources: Source[] = filesBelow('src')
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(root, 'src', path), 'utf8') }));

/** Source files without a test of the same name, each with the test that shows what it does, or with the reason why none can. */
const shownElsewhere: Readonly<Record<string, string>> = {
  'bullmq/add-jobs.ts': 'interop/redis/bull-outbox.test.ts',
  'bullmq/blob-store.ts': 'types only: test/bullmq/file-blob-store.test.ts uses them',
  'bullmq/bull-outbox.ts': 'interop/redis/bull-outbox.test.ts',
  'bullmq/bull-worker.ts': 'interop/redis/crashes.test.ts',
  'bullmq/event-feed.ts': 'interop/redis/contract.test.ts',
  'bullmq/find-job.ts': 'interop/redis/contract.test.ts',
  'bullmq/index.ts': 'names exports only; etc/posthaste-bullmq.api.md is its test (npm run api)',
  'bullmq/job-attempt.ts': 'interop/redis/crashes.test.ts',
  'bullmq/job-scripts.ts': 'interop/redis/crashes.test.ts',
  'bullmq/options.ts': 'types only: test/bullmq/resolve-options.test.ts uses them',
  'bullmq/sweep.ts': 'interop/redis/bull-outbox.test.ts',
  'cli/check/check-command.ts': 'cli/help.test.ts',
  'cli/inspect/inspect-command.ts': 'cli/help.test.ts',
  'cli/inspect/inspected.ts': 'types only: test/cli/inspect/inspect.test.ts uses them',
  'cli/inspect/inspection-text.ts': 'cli/inspect/inspect.test.ts',
  'cli/message-options.ts': 'cli/help.test.ts',
  'cli/outbox/actions.ts': 'cli/outbox/outbox-settings.test.ts',
  'cli/outbox/entry-text.ts': 'cli/outbox/outbox.test.ts',
  'cli/outbox/manage.ts': 'cli/outbox/outbox.test.ts',
  'cli/outbox/outbox-command.ts': 'cli/commands.test.ts',
  'cli/outbox/overview-text.ts': 'cli/outbox/outbox.test.ts',
  'cli/print-completion.ts': 'cli/completion.test.ts',
  'cli/resend/prepare.ts': 'cli/resend/resend.test.ts',
  'cli/resend/probe.ts': 'cli/resend/resend.test.ts',
  'cli/resend/report.ts': 'cli/resend/resend.test.ts',
  'cli/resend/resend-command.ts': 'cli/help.test.ts',
  'cli/resend/run-messages.ts': 'cli/resend/resend.test.ts',
  'cli/resend/sort.ts': 'cli/resend/resend.test.ts',
  'cli/sendmail/sendmail-command.ts': 'cli/help.test.ts',
  'cli/size-of.ts': 'cli/send.test.ts',
  'client/by-hand.ts': 'client/smtp.test.ts',
  'client/flight.ts': 'types only: test/client/connection.test.ts uses them',
  'io/tls-options.ts': 'types only: test/io/tls.test.ts uses them',
  'mailer/lane-feed.ts': 'types only: test/mailer/lane.test.ts uses them',
  'mailer/mailer-options.ts': 'types only: test/mailer/resolve-options.test.ts uses them',
  'inspect/index.ts': 'names exports only; etc/posthaste-inspect.api.md is its test (npm run api)',
  'inspect/inspect-error.ts': 'inspect/inspect.test.ts',
  'inspect/inspection.ts': 'types only: test/inspect/inspect.test.ts uses them',
  'inspect/read-body.ts': 'inspect/inspect.test.ts',
  'inspect/read-fields.ts': 'inspect/inspect.test.ts',
  'inspect/returned-message.ts': 'inspect/reports.test.ts',
  'inspect/stop-signal.ts': 'inspect/inspect.test.ts',
  'message/message-parts.ts': 'types only: test/message/serialize.test.ts uses them',
  'nodemailer/addresses.ts': 'nodemailer/differential.test.ts',
  'nodemailer/call-options.ts': 'nodemailer/header-fields.test.ts',
  'nodemailer/compiled-message.ts': 'nodemailer/transporter.test.ts',
  'nodemailer/compose-mail.ts': 'nodemailer/differential.test.ts',
  'nodemailer/connection-url.ts': 'nodemailer/mailer-options.test.ts',
  'nodemailer/content.ts': 'nodemailer/differential.test.ts',
  'nodemailer/create-transport.ts': 'nodemailer/posthaste-transport.test.ts',
  'nodemailer/credentials.ts': 'nodemailer/token-source.test.ts',
  'nodemailer/data-images.ts': 'nodemailer/data-url.test.ts',
  'nodemailer/ehlo-lines.ts': 'nodemailer/differential.test.ts',
  'nodemailer/fetch-url.ts': 'nodemailer/access.test.ts',
  'nodemailer/guessed-type.ts': 'nodemailer/json-transport.test.ts',
  'nodemailer/index.ts': 'names exports only; etc/posthaste-nodemailer.api.md is its test (npm run api)',
  'nodemailer/logger.ts': 'nodemailer/transporter.test.ts',
  'nodemailer/mail-message.ts': 'nodemailer/transporter.test.ts',
  'nodemailer/mail-types.ts': 'types only: test/nodemailer/nodemailer-types.ts holds them',
  'nodemailer/normalized-data.ts': 'nodemailer/json-transport.test.ts',
  'nodemailer/own-keys.ts': 'nodemailer/transporter.test.ts',
  'nodemailer/parts.ts': 'nodemailer/differential.test.ts',
  'nodemailer/send-info.ts': 'nodemailer/differential.test.ts',
  'nodemailer/services.ts': 'nodemailer/mailer-options.test.ts',
  'nodemailer/settled.ts': 'nodemailer/transporter.test.ts',
  'nodemailer/smtp-transport.ts': 'nodemailer/transporter.test.ts',
  'nodemailer/stream-transport.ts': 'nodemailer/json-transport.test.ts',
  'nodemailer/transport.ts': 'types only: test/nodemailer/transporter.test.ts uses them',
  'nodemailer/transport-types.ts': 'types only: test/nodemailer/nodemailer-types.ts holds them',
  'nodemailer/version.ts': 'nodemailer/posthaste-transport.test.ts',
  'cli/inbox-command.ts': 'cli/commands.test.ts',
  'inbox/api-types.ts': 'types only: test/inbox/message-json.test.ts uses them',
  'inbox/index.ts': 'names exports only; etc/posthaste-inbox.api.md is its test (npm run api)',
  'inbox/page-assets.ts': 'empty in the sources; test/browser/page-build.ts fills it',
  'inbox/page/connection.ts': 'browser/page.test.ts',
  'inbox/page/content-views.ts': 'browser/page.test.ts',
  'inbox/page/envelope-view.ts': 'browser/page.test.ts',
  'inbox/page/main.ts': 'browser/page.test.ts',
  'inbox/page/message-list.ts': 'browser/page.test.ts',
  'inbox/page/picture.ts': 'browser/page.test.ts',
  'inbox/page/reader.ts': 'browser/page.test.ts',
  'inbox/page/session-view.ts': 'browser/page.test.ts',
  'index.ts': 'names exports only; etc/posthaste.api.md is its test (npm run api)',
  'testing/index.ts': 'names exports only; etc/posthaste-testing.api.md is its test (npm run api)',
  'testing/records.ts': 'types only: test/testing/ledger.test.ts uses them',
  'testing/server-options.ts': 'types only: test/testing/scripted-server.test.ts uses them',
  'testing/server-step.ts': 'types only: test/testing/notation.test.ts uses them',
  'outbox/attempt.ts': 'outbox/take-over.test.ts',
  'outbox/counts.ts': 'outbox/memory-store.test.ts',
  'outbox/decide-on.ts': 'outbox/take-over.test.ts',
  'outbox/entry.ts': 'types only: test/outbox/outbox.test.ts uses them',
  'outbox/environment.ts': 'outbox/outbox-contract.test.ts',
  'outbox/event-of.ts': 'outbox/outbox.test.ts',
  'outbox/events.ts': 'types only: test/outbox/event-hub.test.ts uses them',
  'outbox/index.ts': 'names exports only; etc/posthaste-outbox.api.md is its test (npm run api)',
  'outbox/lmdb-tables.ts': 'outbox/lmdb-store.test.ts',
  'outbox/new-record.ts': 'outbox/outbox.test.ts',
  'outbox/options.ts': 'types only: test/outbox/resolve-options.test.ts uses them',
  'outbox/or-aborted.ts': 'outbox/outbox.test.ts',
  'outbox/outbox-error.ts': 'outbox/outbox.test.ts',
  'outbox/owners.ts': 'outbox/take-over.test.ts',
  'outbox/parts.ts': 'names exports only; what it names has tests of its own',
  'outbox/record.ts': 'outbox/store-model.test.ts',
  'outbox/runner.ts': 'outbox/outbox.test.ts',
  'outbox/store.ts': 'types only: test/outbox/store-contract.ts uses them',
  'outbox-view/api-types.ts': 'types only: test/outbox-view/routes.test.ts uses them',
  'outbox-view/index.ts': 'names exports only; what it names has tests of its own',
  'outbox-view/page-assets.ts': 'empty in the sources; test/browser/page-build.ts fills it',
  'outbox-view/page/connection.ts': 'browser/outbox-page.test.ts',
  'outbox-view/page/depth-chart.ts': 'browser/outbox-page.test.ts',
  'outbox-view/page/entry-list.ts': 'browser/outbox-page.test.ts',
  'outbox-view/page/main.ts': 'browser/outbox-page.test.ts',
  'outbox-view/page/panels.ts': 'browser/outbox-page.test.ts',
  'outbox-view/page/times.ts': 'browser/outbox-page.test.ts',
  'outbox-view/source.ts': 'types only: test/outbox-view/fake-outbox.ts is one',
  'web/error-json.ts': 'types only: test/inbox/web-routes.test.ts uses them',
  'web/index.ts': 'names exports only; what it names has tests of its own',
  'web/page-assets.ts': 'types only: test/browser/page-build.ts uses them',
  'web/page/ask.ts': 'browser/page.test.ts',
  'web/page/dom.ts': 'browser/page.test.ts',
  'types.ts': 'types only; test/types/ holds them',
};

describe('the sources', () => {
  it('keep the rules of layers.json', () => {
    expect(violationsOf(sources, rules)).toEqual([]);
  });

  it('have a test of the same name each, or say where they are shown', () => {
    const tests = filesBelow('test').filter((path) => path.endsWith('.test.ts'));
    const isMirrored = (path: string): boolean => tests.some((test) => test.startsWith(path.replace(/\.ts$/, '.')));
    const unmirrored = sources.map(({ path }) => path).filter((path) => !isMirrored(path));
    expect(unmirrored).toEqual(Object.keys(shownElsewhere).sort());
    const named = Object.values(shownElsewhere).filter((where) => where.endsWith('.test.ts'));
    expect(named.filter((test) => !tests.includes(test))).toEqual([]);
  });
});

describe('layers.json', () => {
  it('names only layers, and lets no layer import one that stands on it', () => {
    const standsOn = new Map(Object.entries(rules.layers).map(([name, layer]) => [name, layer.imports]));
    for (const [name, imports] of standsOn) {
      for (const below of imports) {
        const layer = standsOn.has(below) ? below : `${below.split('/')[0] ?? ''}/`;
        expect([name, below, standsOn.get(layer)?.includes(name)]).toEqual([name, below, false]);
      }
    }
  });

  it('gives the leaves nothing but public entry points', () => {
    const leaves = Object.values(rules.layers).filter((layer) => layer.leaf === true);
    expect(leaves.length).toBeGreaterThan(0);
    expect(leaves.flatMap((layer) => layer.imports.filter((path) => !rules.entries.includes(path)))).toEqual([]);
  });

  it('keeps the clock, the network and promises out of the protocol', () => {
    expect(rules.layers['protocol/']).toEqual(
      expect.objectContaining({ pure: true, synchronous: true, builtins: ['buffer'] }),
    );
  });
});

describe('the checker', () => {
  /** What it says about made-up sources, each of which counts as an entry point. */
  function faultsOf(...files: readonly Source[]): string[] {
    return violationsOf(files, { ...rules, entries: files.map(({ path }) => path) });
  }
  const fault = (path: string, text: string): string[] => faultsOf({ path, text });

  it('is content with sources that keep the rules', () => {
    expect(
      faultsOf(
        { path: 'types.ts', text: "import type { PeerCertificate } from 'node:tls'; export type T = PeerCertificate;" },
        {
          path: 'protocol/reply.ts',
          text: "import type { T } from '../types.js'; export const process = (t: T) => t;",
        },
        { path: 'message/date.ts', text: 'export const at = (ms: number): Date => new Date(ms);' },
        { path: 'files/file.ts', text: "import { open } from 'node:fs/promises'; export { open };" },
        { path: 'index.ts', text: 'export const x = 1;' },
        { path: 'inspect/index.ts', text: "export { x } from '../index.js'; await import('mailparser');" },
      ),
    ).toEqual([]);
  });

  it.each([
    ['a sibling', "import '../message/m.js';"],
    ['a sibling by export', "export * from '../message/m.js';"],
    ['the types of a sibling', "import type { M } from '../message/m.js';"],
    ['the type of a sibling in place', "export type M = import('../message/m.js').M;"],
    ['a sibling late', "export const m = import('../message/m.js');"],
  ])('refuses %s', (_name, text) => {
    expect(faultsOf({ path: 'message/m.ts', text: '' }, { path: 'io/a.ts', text })).toEqual([
      expect.stringContaining('io/a.ts: may not import message/m.ts'),
    ]);
  });

  it('refuses an import of what stands above', () => {
    expect(faultsOf({ path: 'client/c.ts', text: '' }, { path: 'io/a.ts', text: "import '../client/c.js';" })).toEqual([
      expect.stringContaining('io/a.ts: may not import client/c.ts'),
    ]);
  });

  it.each(['testing/a.ts', 'cli/a.ts', 'inspect/a.ts'])('refuses a way round the entry points in %s', (path) => {
    expect(faultsOf({ path: 'client/c.ts', text: '' }, { path, text: "import '../client/c.js';" })).toEqual([
      expect.stringContaining(`${path}: may not import client/c.ts`),
    ]);
  });

  it.each([
    ['protocol/a.ts', 'node:net', 'may not import node:net'],
    ['protocol/a.ts', 'timers/promises', 'may not import node:timers'],
    [
      'protocol/a.ts',
      'node:crypto',
      'may not import crypto; only index.ts, protocol/sasl/, dkim/, client/login.ts, testing/, outbox/, bullmq/, cli/ may',
    ],
    ['message/a.ts', 'node:fs/promises', 'may not import fs'],
    ['client/a.ts', 'fs', 'may not import fs'],
    ['message/a.ts', 'addressparser', 'may not import addressparser; only message/address-lenient.ts may'],
    ['message/a.ts', 'libmime', 'may not import libmime; only message/encoded-word.ts may'],
    ['message/a.ts', 'mailparser', 'may not import mailparser; only inspect/ may'],
    ['client/a.ts', '@scope/package/deep', 'the package @scope/package has no row in layers.json'],
  ])('refuses in %s an import of %s', (path, name, message) => {
    expect(fault(path, `import '${name}';`)).toEqual([expect.stringContaining(message)]);
    expect(fault(path, `require('${name}');`)).toEqual([expect.stringContaining(message)]);
  });

  it('refuses in the same way a module of Node that is loaded late', () => {
    const text = "export const f = () => process.getBuiltinModule('node:fs');";
    expect(fault('client/a.ts', text)).toEqual([expect.stringContaining('may not import fs')]);
    expect(fault('files/a.ts', text)).toEqual([]);
  });

  it('refuses an import whose target is computed', () => {
    expect(fault('client/a.ts', 'export const a = (name: string) => import(name);')).toHaveLength(1);
  });

  it.each([
    ['setTimeout(() => 0, 1);', 'setTimeout'],
    ['Math.random();', 'Math.random'],
    ['Date.now();', 'Date'],
    ['new Date();', 'Date'],
    ['new Date;', 'Date'],
    ['Date();', 'Date'],
    ['const Clock = Date;', 'Date'],
    ['performance.now();', 'performance'],
    ['crypto.getRandomValues(x);', 'crypto'],
    ['globalThis.setTimeout(f);', 'globalThis'],
    ['const all = { process };', 'process'],
  ])('refuses in a pure layer: %s', (text, named) => {
    for (const path of ['message/a.ts', 'octets/a.ts', 'protocol/a.ts']) {
      expect(fault(path, text)).toEqual([expect.stringMatching(new RegExp(`${named}.* in a pure layer$`))]);
    }
    expect(fault('client/a.ts', text)).toEqual([]);
  });

  it.each([
    'async function f() {}',
    'const f = async () => 0;',
    'class C { async m() {} }',
    'await f();',
    'for await (const x of y) f(x);',
    'function f(): Promise<void> { return g(); }',
    'Promise.resolve();',
    'type T = AsyncIterable<string>;',
  ])('refuses in protocol/ what waits: %s', (text) => {
    expect(fault('protocol/a.ts', text)).toContainEqual(expect.stringContaining('in a layer that never waits'));
    expect(fault('message/a.ts', text)).toEqual([]);
  });

  it('refuses files that import each other', () => {
    expect(
      faultsOf(
        { path: 'io/a.ts', text: "import './b.js';" },
        { path: 'io/b.ts', text: "import type { A } from './a.js';" },
      ),
    ).toEqual(['import cycle: io/a.ts -> io/b.ts -> io/a.ts']);
  });

  it('refuses a file that nothing leads to, a broken path and a folder without a layer', () => {
    expect(violationsOf([{ path: 'io/a.ts', text: '' }], rules)).toEqual(['io/a.ts: no entry point leads to it']);
    expect(fault('io/a.ts', "import './missing.js';")).toEqual(['io/a.ts: ./missing.js leads to no source file']);
    expect(fault('utils/a.ts', '')).toContain('utils/a.ts: no layer of layers.json holds it');
  });
});
