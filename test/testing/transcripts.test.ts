import { loadTranscripts, playTranscript } from '../support/transcripts.js';

const transcripts = loadTranscripts();

describe.each(transcripts.map((transcript) => [transcript.name, transcript] as const))('%s', (_, transcript) => {
  it.each(transcript.modes)(`${transcript.title} (%s)`, async (mode) => {
    expect(await playTranscript(transcript, mode)).toEqual(transcript.expect[mode]);
  });
});
