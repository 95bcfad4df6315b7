/** examples/from-nodemailer: a program of another library, with one line changed. */
import { simpleParser } from 'mailparser';
import { ScriptedServer } from '../../src/testing/index.js';
import { ExampleProgram } from './example-program.js';

it('the program sends its message to both, and prints what it always printed', async () => {
  await using server = await ScriptedServer.start({ behave: {} });
  await using program = new ExampleProgram('from-nodemailer/send.ts', [], { SMTP_URL: server.url });
  const { code, stdout, stderr } = await program.end();
  expect([code, stderr]).toEqual([0, '']);
  const [message] = server.messages;
  expect(message?.envelope).toEqual({ from: 'foo@example.com', to: ['bar@example.com', 'baz@example.com'] });
  const { messageId = '', text, html, from } = await simpleParser(message?.content ?? '');
  expect(stdout).toBe(`Message sent: ${messageId}\n[ 'bar@example.com', 'baz@example.com' ] []`);
  expect([text?.trim(), html, from?.text]).toEqual([
    'Hello world?',
    '<b>Hello world?</b>',
    '"Fred Foo" <foo@example.com>',
  ]);
});
