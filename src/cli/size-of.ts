/** Counts what would be sent; on the way everything shows that makes a message unfit to be sent. */

export async function sizeOf(content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number> {
  let sizeBytes = 0;
  for await (const chunk of content) {
    signal.throwIfAborted();
    sizeBytes += chunk.length;
  }
  return sizeBytes;
}
