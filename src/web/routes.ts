/** One table for a REST interface: which path takes which methods. What a path does not take is refused with what it does. */
import { failure, type Answer } from './responses.js';
import type { Call } from './server.js';

/** `parameters` are the groups of the path. */
export type Handler<Context> = (
  call: Call,
  context: Context,
  parameters: readonly string[],
) => Answer | Promise<Answer>;

export interface Route<Context> {
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, Handler<Context>>>;
}

/** Undefined for a path that no route has. */
export function answerBy<Context>(
  routes: readonly Route<Context>[],
  call: Call,
  context: Context,
): Answer | Promise<Answer> | undefined {
  for (const { path, methods } of routes) {
    const parameters = path.exec(call.path)?.slice(1);
    if (parameters === undefined) continue;
    const handler = Object.hasOwn(methods, call.method) ? methods[call.method] : undefined;
    if (handler !== undefined) return handler(call, context, parameters);
    const allow = Object.keys(methods).join(', ');
    const answer = failure(405, 'ERR_METHOD', `${call.path} does not take ${call.method}`, `It takes ${allow}.`);
    return { ...answer, headers: { ...answer.headers, allow } };
  }
  return undefined;
}

/** An answer for the first parameter that means nothing here: a mistyped one would be passed over in silence. */
export function unknownParameter(query: URLSearchParams, known: readonly string[]): Answer | undefined {
  const unknown = [...query.keys()].find((name) => !known.includes(name));
  if (unknown === undefined) return undefined;
  const hint = known.length === 0 ? 'It takes none.' : `There are ${known.join(', ')}.`;
  return failure(400, 'ERR_UNKNOWN_PARAMETER', `there is no parameter ${unknown.slice(0, 40)}`, hint);
}
