/** What `toThrow` and `rejects.toThrow` are to find: an error with at least these properties. */
export function failure(properties: Readonly<Record<string, unknown>>): Error {
  return expect.objectContaining(properties) as Error;
}
