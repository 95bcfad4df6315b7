/** The figures of docs/scaling.md follow from its formulas. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const text = readFileSync(join(root, 'docs/scaling.md'), 'utf8');

const DAY_SECONDS = 86_400;
/** The row of the page's first table: how much busier the peak is, and the seconds that one message takes. */
const PEAK = given('p');
const MESSAGE_SECONDS = given('k') * given('t') + given('s');

function given(name: string): number {
  const [, value] = new RegExp(`^\\| ${name} \\|.*\\| ([\\d.]+) \\|$`, 'm').exec(text) ?? [];
  return Number(value);
}

/** A figure that stands in the page's text. */
function said(words: RegExp): number {
  const [, figure = ''] = words.exec(text.replaceAll('\n', ' ')) ?? [];
  return Number(figure.replaceAll(',', ''));
}

const WORKER_RATE = said(/workers of ([\d,]+) a second/);
const REDIS_RATE = said(/Redis of ([\d,]+) a second/);
const CONNECTIONS_EACH = said(/([\d,]+) connections a process at most/);
const CONTENT = said(/messages of ([\d,]+) KiB, an hour/) * 1_024;
const QUEUED = said(/Memory = B × \(([\d,]+) \+ content\)/);
const KEPT = said(/days kept × ([\d,]+)/);

function rowOf(mailsADay: number): string {
  const mean = mailsADay / DAY_SECONDS;
  const peak = PEAK * mean;
  const connections = Math.ceil(peak * MESSAGE_SECONDS);
  const workers = Math.max(Math.ceil(peak / WORKER_RATE), Math.ceil(connections / CONNECTIONS_EACH)) + 1;
  const backlog = peak * 3_600;
  const cells = [
    mailsADay.toLocaleString('en-US'),
    Math.round(mean).toLocaleString('en-US'),
    Math.round(peak).toLocaleString('en-US'),
    connections,
    workers,
    Math.ceil(peak / REDIS_RATE),
    gigabytes(backlog * (QUEUED + CONTENT)),
    gigabytes(backlog * QUEUED),
    gigabytes(mailsADay * KEPT),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Two digits that count, written out. */
function gigabytes(octets: number): string {
  return String(Number((octets / 1e9).toPrecision(2)));
}

it('names every figure that it computes with', () => {
  const figures = [PEAK, MESSAGE_SECONDS, WORKER_RATE, REDIS_RATE, CONNECTIONS_EACH, CONTENT, QUEUED, KEPT];
  expect(figures.filter((figure) => !(figure > 0))).toEqual([]);
});

it('has the table that follows from them', () => {
  const [, table = ''] = /computed: test\/scaling\.test\.ts -->\n\n(.*?)\n\n/s.exec(text) ?? [];
  const [, , ...rows] = table.split('\n');
  expect(rows).toEqual([1e6, 1e7, 1e8].map(rowOf));
});

it('has the rates that follow from the processor time, and what 10 connections carry', () => {
  const cpu = (row: string): number => said(new RegExp(`${row}[^|]*\\|[^|]*\\|[^|]*\\| ([\\d,]+) \\|`));
  const worker = cpu('1 worker process, `appendfsync always`');
  const redis = cpu('Redis, enqueueing and one worker, `always`');
  expect(Math.floor(0.5e6 / worker / 100) * 100).toBe(WORKER_RATE);
  expect(Math.floor(0.5e6 / redis / 100) * 100).toBe(REDIS_RATE);
  expect(said(/10 connections are (\d+) a second/)).toBe(Math.floor(10 / MESSAGE_SECONDS));
  expect(said(/needs ([\d.]+) times as many/)).toBe(Number(((2 * 0.1 + 0.2) / MESSAGE_SECONDS).toFixed(1)));
});

it('has ratios that follow from the times beside them', () => {
  const rows = [
    ...text.matchAll(/^\| (.*(?:Mailer|worker process).*?) \| ([\d,]+) \| ([\d.]+) \| ([\d,]+) \| ([\d.]+) \|$/gm),
  ];
  const figure = (value = ''): number => Number(value.replaceAll(',', ''));
  // Each run has a Mailer of its own beside it: the machine was not the same at both times.
  const isMailer = ([, name = '']: readonly (string | undefined)[]): boolean => name.includes('Mailer');
  expect(rows.map(isMailer)).toEqual([true, false, false, true, false, false]);
  for (const [index, row] of rows.entries()) {
    const mailer = rows[index < 3 ? 0 : 3];
    const [, , rate, rateRatio, cpu, cpuRatio] = row;
    expect(Number(rateRatio)).toBe(Number((figure(rate) / figure(mailer?.[2])).toFixed(2)));
    expect(Number(cpuRatio)).toBe(Number((figure(cpu) / figure(mailer?.[4])).toFixed(1)));
  }
});

it('names only files that exist', () => {
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => join(root, 'docs', path));
  expect(links.filter((path) => !existsSync(path))).toEqual([]);
});
