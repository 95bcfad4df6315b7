/** Who logs in, and with what. Secrets may be functions, so that a token can be fetched when it is needed. */

/** A secret, or a function that gives it. `refresh: true`: the one given before was refused, and a new one is needed. */
export type Token = string | ((context: { refresh: boolean }) => string | Promise<string>);

/** `mechanisms`: the SASL mechanisms to try, in this order, in place of the order of this library. */
export type Credentials =
  | { user: string; password: Token; mechanisms?: readonly string[] }
  | { user: string; accessToken: Token; mechanisms?: readonly string[] };

/**
 * One side of a mechanism of the caller's own. Called with undefined for the initial response (return undefined for none), and
 * once for each challenge, decoded. What it returns is encoded as UTF-8 and base64. A throw cancels the exchange.
 */
export type AuthObject = (challenge: Uint8Array | undefined) => string | undefined | Promise<string | undefined>;

export async function askToken(token: Token, refresh: boolean): Promise<string> {
  return typeof token === 'function' ? await token({ refresh }) : token;
}
