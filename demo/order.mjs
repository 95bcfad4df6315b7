/** A message with everything that the inbox's page shows: HTML, an inline picture, a file, blind copies, a refusal and a delay. */

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="150" height="44"><rect width="150" height="44" rx="9" fill="#14606e"/>' +
  '<text x="18" y="28" fill="#fff" font-family="serif" font-size="17">Analytical</text></svg>';

export const order = {
  from: { name: 'The Analytical Shop', address: 'orders@shop.example' },
  to: ['Bob Builder <bob@example.org>', 'fail-550@example.org'],
  cc: 'delay-120@example.org',
  bcc: ['audit@shop.example', 'cid@example.org'],
  subject: 'Your order 1843 is on its way — café crème & co.',
  text: 'Hello Bob,\n\nyour order is on its way.\n.and this line begins with a dot.\n',
  html:
    '<div style="font-family: sans-serif; padding: 12px 20px; max-width: 560px"><img src="cid:logo" alt="Analytical">' +
    '<h1 style="color: #14606e">Your order is on its way</h1><p>Hello Bob, the parcel left our house this morning.</p>' +
    '<p><a href="https://shop.example/track/1843">Track it</a></p>' +
    '<img src="https://shop.example/pixel.gif" width="1" height="1" alt=""></div>',
  attachments: [
    { filename: 'invoice.txt', content: 'One difference engine: 17,470 pounds\n' },
    { filename: 'logo.svg', cid: 'logo', content: LOGO, contentType: 'image/svg+xml', disposition: 'inline' },
  ],
};
