/** Messages for the page: as people send them, and as nobody should. */
import { join } from 'node:path';
import { messageFromFile, SMTP, type MessageFields } from '../../src/index.js';

const demo = join(import.meta.dirname, '..', '..', 'fixtures', 'demo');

export const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="150" height="44"><rect width="150" height="44" rx="9" fill="#14606e"/>' +
  '<text x="18" y="28" fill="#fff" font-family="serif" font-size="17">Analytical</text></svg>';

/** `origin` is asked for a picture by the HTML. */
export function order(origin: string): MessageFields {
  return {
    from: { name: 'The Analytical Shop', address: 'orders@shop.example' },
    to: ['Bob Builder <bob@example.org>', 'fail-550@example.org'],
    cc: 'delay-30@example.org',
    bcc: ['audit@shop.example', 'cid@example.org'],
    subject: 'Your order 1843 is on its way — café crème & co.',
    text: 'Hello Bob,\n\nyour order is on its way.\n',
    html:
      '<div style="font-family: sans-serif; padding: 12px 20px; max-width: 560px">' +
      '<img src="cid:logo" alt="Analytical"><h1 style="color:#14606e">Your order is on its way</h1>' +
      '<p id="greeting">Hello Bob, the parcel left our house this morning.</p>' +
      `<p><a href="${origin}/track">Track it</a></p><img id="pixel" src="${origin}/pixel.gif" width="1" height="1"></div>`,
    attachments: [
      { filename: 'invoice.pdf', content: Buffer.alloc(48_211, 1), contentType: 'application/pdf' },
      { filename: 'logo.svg', cid: 'logo', content: LOGO, contentType: 'image/svg+xml', disposition: 'inline' },
    ],
  };
}

/** Six messages; the newest is the order, and the one before it has its Bcc left in. */
export async function sendAll(url: string, origin: string): Promise<void> {
  const smtp = await SMTP.connect(url);
  const files = ['archived-with-lf-and-leading-dots', 'resent-once', 'one-recipient-refused', 'new-message-with-bcc'];
  for (const file of files) await smtp.sendMessage(await messageFromFile(join(demo, `${file}.eml`)));
  const leaking =
    'From: Shop <shop@example.org>\r\nTo: bob@example.org, Carol <carol@example.org>\r\nBcc: archive@example.org\r\n' +
    'Subject: A sender that leaves the Bcc in\r\n\r\nOops.\r\n';
  await smtp.sendmail('shop@example.org', ['bob@example.org', 'archive@example.org'], leaking);
  await smtp.sendMessage(order(origin));
  await smtp.quit();
}
