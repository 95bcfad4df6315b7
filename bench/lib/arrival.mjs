/** Whether a client delivers what it was given, to those to whom it was given. */
import { Client } from './client.mjs';
import { digestOf, startRecorder } from './recorder.mjs';

/** Each client sends twice to a server that looks; then it is worth measuring. */
export async function checkArrival(competitor, { from, to }, input, inputFile) {
  const recorder = await startRecorder();
  const client = new Client(competitor);
  try {
    await client.open({ host: recorder.host, port: recorder.port, from, to, inputFile });
    await client.repeat(2);
    await client.close();
    const expected = JSON.stringify({ from, to, digest: digestOf(input) });
    const arrivals = recorder.take().map((arrival) => JSON.stringify(arrival));
    if (arrivals.length !== 2 || arrivals.some((arrival) => arrival !== expected)) {
      throw new Error(`${competitor.name} did not send the message that it was given to those whom it was given`);
    }
  } finally {
    await client.end();
    await recorder.stop();
  }
}
