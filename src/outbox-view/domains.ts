/** How fast mail goes to each domain: recipients that wait, that were accepted, and that were refused. Pure. */
import type { DomainJson, OverviewJson, WindowJson } from './api-types.js';

/** So many domains are told apart. */
export const MOST_DOMAINS = 8;
/** So many parts the window has for each. */
export const DOMAIN_PARTS = 24;
const HOUR_MS = 3_600_000;
/** A rate over less than that is none. */
const LEAST_MS = 60_000;

interface Traffic {
  waiting: number;
  readonly acceptedAtMs: number[];
  readonly refusedAtMs: number[];
}

export class DomainTraffic {
  readonly #domains = new Map<string, Traffic>();

  /** `atMs`: when that became known; of no use for one that waits. */
  add(address: string, status: 'waiting' | 'accepted' | 'refused', atMs: number): void {
    const domain = domainOf(address);
    let traffic = this.#domains.get(domain);
    if (traffic === undefined) {
      traffic = { waiting: 0, acceptedAtMs: [], refusedAtMs: [] };
      this.#domains.set(domain, traffic);
    }
    if (status === 'waiting') traffic.waiting += 1;
    else (status === 'accepted' ? traffic.acceptedAtMs : traffic.refusedAtMs).push(atMs);
  }

  /** The busiest first. `sinceMs`: what was before is not known. */
  in(window: WindowJson, sinceMs: number, nowMs: number): Pick<OverviewJson, 'domains' | 'otherDomains'> {
    const knownMs = Math.max(LEAST_MS, nowMs - Math.max(window.fromMs, sinceMs));
    const all = [...this.#domains]
      .map(([domain, traffic]) => trafficIn(window, domain, traffic, knownMs))
      .filter(({ waiting, accepted, refused }) => waiting + accepted + refused > 0)
      .sort((a, b) => busy(b) - busy(a) || (a.domain < b.domain ? -1 : 1));
    return { domains: all.slice(0, MOST_DOMAINS), otherDomains: Math.max(0, all.length - MOST_DOMAINS) };
  }
}

function trafficIn({ fromMs, toMs }: WindowJson, domain: string, traffic: Traffic, knownMs: number): DomainJson {
  const parts = Array.from({ length: DOMAIN_PARTS }, () => 0);
  const isIn = (atMs: number): boolean => atMs >= fromMs && atMs < toMs;
  const accepted = traffic.acceptedAtMs.filter(isIn);
  for (const atMs of accepted) {
    const part = Math.floor(((atMs - fromMs) / (toMs - fromMs)) * DOMAIN_PARTS);
    parts[part] = (parts[part] ?? 0) + 1;
  }
  return {
    domain,
    waiting: traffic.waiting,
    accepted: accepted.length,
    refused: traffic.refusedAtMs.filter(isIn).length,
    perHour: accepted.length / (knownMs / HOUR_MS),
    parts,
  };
}

function busy({ waiting, accepted, refused }: DomainJson): number {
  return waiting + accepted + refused;
}

/** In lower case, as domains are compared. An address without one is its own. */
export function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return domain === '' ? '(none)' : domain;
}
