/** examples/react-email, as another parser reads what it sends. */
import { simpleParser } from 'mailparser';
import { ScriptedServer } from '../../src/testing/index.js';
import { ExampleProgram } from './example-program.js';

it('the letter arrives as HTML and as text, with the same link, and says to whom', async () => {
  await using server = await ScriptedServer.start({ behave: {} });
  await using program = new ExampleProgram('react-email/send.tsx', [], { SMTP_URL: server.url });
  const { code, stdout, stderr } = await program.end();
  expect([code, stderr]).toEqual([0, '']);
  const [message] = server.messages;
  expect(message?.envelope).toEqual({ from: 'shop@example.org', to: ['zoe@example.org'] });
  const { html, text, subject, messageId, to } = await simpleParser(message?.content ?? '');
  expect(stdout).toBe(`${messageId ?? ''} was accepted for zoe@example.org`);
  expect([subject, to].flat()).toMatchObject(['Welcome, Zoë', { text: '"Zoë" <zoe@example.org>' }]);
  expect(html).toMatch(/^<!DOCTYPE html.*<h1[^>]*>Welcome, (?:<!-- -->)?Zoë &amp; Co<\/h1>/s);
  expect(html).toContain('href="https://shop.example/confirm?token=4f2a&amp;lang=en"');
  // A heading is upper case in the text.
  expect(text).toMatch(
    /^WELCOME, ZOË & CO\n+Please confirm your address\.\n+Confirm\s+https:\S+\?token=4f2a&lang=en\n*$/,
  );
});
