/** The windows of time that are looked at, each in intervals that begin at whole minutes, hours and days (UTC), so that they do not creep. */
import type { WindowJson, WindowName } from './api-types.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const WINDOWS: Readonly<Record<WindowName, { readonly spanMs: number; readonly intervalMs: number }>> = {
  '1h': { spanMs: HOUR_MS, intervalMs: MINUTE_MS },
  '6h': { spanMs: 6 * HOUR_MS, intervalMs: 5 * MINUTE_MS },
  '24h': { spanMs: 24 * HOUR_MS, intervalMs: 20 * MINUTE_MS },
  '7d': { spanMs: 168 * HOUR_MS, intervalMs: 2 * HOUR_MS },
};

/** The first one is what is shown when nobody says otherwise. */
export const WINDOW_NAMES: readonly WindowName[] = ['24h', '1h', '6h', '7d'];

export function isWindowName(text: string): text is WindowName {
  return Object.hasOwn(WINDOWS, text);
}

/** The window that ends with the interval in which `nowMs` is. */
export function windowAt(name: WindowName, nowMs: number): WindowJson {
  const { spanMs, intervalMs } = WINDOWS[name];
  const toMs = (Math.floor(nowMs / intervalMs) + 1) * intervalMs;
  return { name, fromMs: toMs - spanMs, toMs, intervalMs };
}
