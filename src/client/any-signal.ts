/**
 * One signal out of several, for as long as a call lasts. AbortSignal.any() leaves a trace of each of its results in its sources
 * (Node 20), so that a signal that lives as long as the process would grow with every send.
 */

export interface AnySignal {
  /** Fires with the reason of the first that fires; undefined when none was given. */
  readonly signal: AbortSignal | undefined;
  /** To be called when the call is over: the sources then know nothing of it any more. */
  readonly release: () => void;
}

const nothingToRelease = (): void => undefined;

export function anySignal(...signals: readonly (AbortSignal | undefined)[]): AnySignal {
  const sources = [...new Set(signals.filter((signal) => signal !== undefined))];
  const [only] = sources;
  if (sources.length < 2) return { signal: only, release: nothingToRelease };
  const fired = sources.find((source) => source.aborted);
  if (fired !== undefined) return { signal: fired, release: nothingToRelease };
  const either = new AbortController();
  const listeners = sources.map((source) => {
    const onAbort = (): void => {
      release();
      either.abort(source.reason);
    };
    source.addEventListener('abort', onAbort, { once: true });
    return { source, onAbort };
  });
  const release = (): void => {
    for (const { source, onAbort } of listeners) source.removeEventListener('abort', onAbort);
  };
  return { signal: either.signal, release };
}
