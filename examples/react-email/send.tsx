/** Renders the letter twice, as HTML and as text, and sends both in one message. */
import { render, toPlainText } from '@react-email/render';
import { Mailer } from 'posthaste';
import { Welcome } from './welcome.js';

const html = await render(<Welcome name="Zoë & Co" link="https://shop.example/confirm?token=4f2a&lang=en" />);

await using mailer = new Mailer(process.env['SMTP_URL'] ?? 'smtp://localhost:1025');
const { accepted, messageId } = await mailer.send({
  from: { name: 'The Shop', address: 'shop@example.org' },
  to: { name: 'Zoë', address: 'zoe@example.org' },
  subject: 'Welcome, Zoë',
  html,
  text: toPlainText(html),
});
console.log(`${messageId ?? ''} was accepted for ${accepted.join(', ')}`);
