/** The project's own test server, which knows CHUNKING as smtp-sink does not. It looks at each message as it comes. */
import { pathToFileURL } from 'node:url';

/** `content`: what every message must be. */
export async function startChunkingServer(dist, content) {
  const { ScriptedServer } = await import(pathToFileURL(`${dist}/testing/index.js`));
  let whole = 0;
  const server = await ScriptedServer.start(
    { behave: {} },
    {
      record: 'totals',
      onMessage(arrived) {
        if (arrived.outcome === 'queued' && arrived.framing === 'bdat' && content.equals(arrived.content)) whole += 1;
      },
    },
  );
  return {
    host: server.host,
    port: server.port,
    messages: () => whole,
    /** Throws unless exactly `expected` messages have arrived whole, in chunks, since the server started. */
    async expect(expected, whose) {
      if (whole !== expected)
        throw new Error(`${whose}: ${String(whole)} messages have arrived, not ${String(expected)}`);
    },
    stop: () => server.close(),
  };
}
