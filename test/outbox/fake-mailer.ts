/** A mailer that says what a test tells it to say, and keeps what it was given. */
import { SMTPException, SMTPServerDisconnected, type RecipientResult, type Reply, type SendMessageOptions, type SendResult } from '../../src/index.js'; // prettier-ignore
import type { OutboxMailer } from '../../src/outbox/options.js';

/** What becomes of a recipient: a reply, or no answer behind the content. */
export type Fate = `${number} ${string}` | 'lost';

export interface Sent {
  readonly content: string;
  readonly options: SendMessageOptions;
  readonly to: readonly string[];
}

export class FakeMailer implements OutboxMailer {
  /** Whose content has left. */
  readonly sent: Sent[] = [];
  attempts = 0;
  /** What it says to a recipient in an attempt of that number; or an error that nothing comes of. */
  fate: (address: string, attempt: number) => Fate | Error = () => '250 2.0.0 ok';
  /** Waited for in front of the content. */
  beforeContent: () => Promise<void> = () => Promise.resolve();
  /** Waited for behind it. */
  afterContent: () => Promise<void> = () => Promise.resolve();

  async send(message: Uint8Array, options: SendMessageOptions): Promise<SendResult> {
    this.attempts += 1;
    const to = [options.to ?? []].flat();
    const fates = to.map((address) => this.fate(address, this.attempts));
    const thrown = fates.find((fate) => fate instanceof Error);
    if (thrown !== undefined) throw thrown;
    const results = fates.map((fate, index) => resultOf(String(fate), index, to[index] ?? ''));
    const envelope = { from: options.from ?? '', to };
    const asked = results.map(({ index, address }) => ({ index, address, status: 'not-sent', stage: 'rcpt' }) as const);
    await this.beforeContent();
    try {
      await options.beforeContent?.({ envelope, recipients: asked });
    } catch (cause) {
      throw new SMTPException('beforeContent failed', { code: 'ERR_BEFORE_CONTENT', recipients: asked, cause });
    }
    this.sent.push({ content: Buffer.from(message).toString(), options, to });
    await this.afterContent();
    return settle(results);
  }
}

function resultOf(fate: string, index: number, address: string): RecipientResult {
  if (fate === 'lost') return { index, address, status: 'unknown', stage: 'final' };
  const reply = replyOf(fate);
  return { index, address, status: reply.code < 300 ? 'accepted' : 'refused', stage: 'final', reply };
}

export function replyOf(line: string): Reply {
  const text = line.slice(4);
  return { code: Number(line.slice(0, 3)), enhancedCode: /^\d\.\d+\.\d+/.exec(text)?.[0], lines: [text], text };
}

function settle(recipients: readonly RecipientResult[]): SendResult {
  const accepted = recipients.filter(({ status }) => status === 'accepted');
  const reply = accepted.at(-1)?.reply;
  if (reply !== undefined) {
    return { recipients, reply, accepted: accepted.map(({ address }) => address) } as unknown as SendResult;
  }
  const unknown = recipients.some(({ status }) => status === 'unknown');
  const delivery = unknown ? 'unknown' : 'refused';
  if (unknown) throw new SMTPServerDisconnected('no answer', { delivery, recipients, stage: 'final' });
  throw new SMTPException('refused', { code: 'ERR_REFUSED', delivery, recipients, stage: 'final' });
}
