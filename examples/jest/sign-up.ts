/** The code under test: an ordinary module that sends a mail. It is given its mailer, and knows nothing of tests. */
import { randomUUID } from 'node:crypto';
import { InvalidAddressError, isPosthasteError, SMTPRecipientsRefused, type Mailer } from 'posthaste';

export type SignUp = 'mailed' | 'bad-address' | 'try-later' | 'perhaps-mailed';

/**
 * Mails a link that confirms the address, and says what the page should tell the visitor. What is no fault of the address, and will
 * not go away by itself, is thrown.
 */
export async function signUp(mailer: Pick<Mailer, 'send'>, email: string): Promise<SignUp> {
  const link = `https://shop.example/confirm?token=${randomUUID()}`;
  try {
    await mailer.send({
      from: 'shop@example.org',
      // As an object it is one address: "ann@example.org, bob@example.org" from a form is an error, not two mails.
      to: { address: email },
      subject: 'Please confirm your address',
      text: `Welcome!\n\n${link}\n`,
      html: `<p>Welcome!</p><p><a href="${link}">Confirm</a></p>`,
    });
    return 'mailed';
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    if (error.delivery === 'unknown') return 'perhaps-mailed';
    if (error.retryable) return 'try-later';
    if (error instanceof InvalidAddressError || error instanceof SMTPRecipientsRefused) return 'bad-address';
    // The login, the certificate, the sender: nothing that the visitor could do better.
    throw error;
  }
}
