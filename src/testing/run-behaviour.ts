/**
 * An ordinary, strict SMTP or LMTP server (RFC 5321, RFC 2033). An answer that was replaced has the effect that its code
 * says: the state follows what the client was told, never what the server would have liked to say.
 */
import type { Reply } from '../index.js';
import {
  type PreparedAnswer,
  type PreparedBehaviour,
  prepareAnswer,
  type StepContext,
  type StepName,
} from './behaviour.js';
import { announcedSize, parsePath, pathRefusal } from './path.js';
import type { PeerDriver } from './peer.js';
import type { ReceivedCommand, ReceivedMessage } from './records.js';
import { isPositive } from './reply-text.js';
import { saslMechanisms } from './sasl-server.js';

/** Commands that must stand last in a group (RFC 2920 section 3.1). */
const lastInGroup = new Set([
  'EHLO',
  'LHLO',
  'HELO',
  'DATA',
  'VRFY',
  'EXPN',
  'NOOP',
  'QUIT',
  'STARTTLS',
  'AUTH',
  'HELP',
]);

/** Steps behind which a reply may still be owed. */
const answersNothing = new Set<StepName>(['connect', 'content', 'delivery']);

interface Details {
  readonly occurrence?: number;
  readonly address?: string | undefined;
  readonly line?: string;
}

export class BehaviourSession {
  readonly #peer: PeerDriver;
  readonly #behaviour: PreparedBehaviour;
  readonly #lmtp: boolean;
  readonly #counts = new Map<StepName, number>();

  constructor(peer: PeerDriver, behaviour: PreparedBehaviour, protocol: 'smtp' | 'lmtp') {
    this.#peer = peer;
    this.#behaviour = behaviour;
    this.#lmtp = protocol === 'lmtp';
  }

  /** Serves the connection until one side ends it. */
  async run(): Promise<void> {
    const { hostname } = this.#behaviour;
    await this.#answer('connect', undefined);
    if (this.#over()) return;
    await this.#answer('greeting', `220 ${hostname} ${this.#lmtp ? 'LMTP' : 'ESMTP'}`);
    while (!this.#over()) {
      const command = await this.#peer.command();
      if (command === undefined) return;
      this.#watchTalk(command);
      await this.#command(command);
    }
  }

  #over(): boolean {
    return this.#peer.ended;
  }

  #watchTalk(command: ReceivedCommand): void {
    const { bufferedBytes, ledger } = this.#peer;
    if (bufferedBytes === 0 || command.verb === 'BDAT') return;
    if (lastInGroup.has(command.verb) || !ledger.offers('PIPELINING')) ledger.earlyTalk(command.verb, bufferedBytes);
  }

  // ---- answers -----------------------------------------------------------------------------------------------------

  #count(step: StepName): number {
    const count = (this.#counts.get(step) ?? 0) + 1;
    this.#counts.set(step, count);
    return count;
  }

  /** Gives the ordinary answer or the one that replaces it, and returns the reply that was given, if one was. */
  async #answer(step: StepName, ordinary: string | undefined, details: Details = {}): Promise<Reply | undefined> {
    const occurrence = details.occurrence ?? this.#count(step);
    const { address, line = '' } = details;
    const usual = ordinary === undefined ? [] : prepareAnswer(ordinary);
    const { tls } = this.#peer.record;
    const { authenticated } = this.#peer.ledger;
    const context = { peer: this.#peer, step, line, occurrence, address, ordinary, tls, authenticated };
    await this.#give(this.#chosen(step, occurrence, address) ?? usual, usual, context);
    const { ledger } = this.#peer;
    if (!answersNothing.has(step)) ledger.answered();
    return ledger.takeLastReply();
  }

  /** The answer of the test, by address, by number, or for every occurrence. */
  #chosen(step: StepName, occurrence: number, address: string | undefined): PreparedAnswer | undefined {
    const { on } = this.#behaviour;
    const byAddress = address === undefined ? undefined : on.get(`${step}:<${address}>`);
    return byAddress ?? on.get(`${step}:${String(occurrence)}`) ?? on.get(step);
  }

  async #give(answer: PreparedAnswer, usual: PreparedAnswer, context: StepContext): Promise<void> {
    for (const part of answer) {
      if (typeof part !== 'function') await this.#peer.perform(part);
      else {
        const decided = await part(context);
        await this.#give(decided === undefined ? usual : prepareAnswer(decided), usual, context);
      }
    }
  }

  // ---- commands ----------------------------------------------------------------------------------------------------

  async #command(command: ReceivedCommand): Promise<void> {
    const { verb, line, argument } = command;
    if (this.#behaviour.unsupported.includes(verb)) {
      await this.#answer('unknown', `502 5.5.1 ${verb} not implemented`, { line });
      return;
    }
    switch (verb) {
      case 'EHLO':
      case 'HELO':
      case 'LHLO':
        return this.#hello(verb, argument, line);
      case 'STARTTLS':
        return this.#startTls(argument, line);
      case 'AUTH':
        return this.#auth(argument, line);
      case 'MAIL':
        return this.#mail(argument, line);
      case 'RCPT':
        return this.#rcpt(argument, line);
      case 'DATA':
        return this.#data(argument, line);
      case 'BDAT':
        return this.#bdat(argument, line);
      case 'RSET':
        if (isPositive(await this.#answer('RSET', '250 2.0.0 flushed', { line }))) this.#peer.intake.abandon();
        return;
      case 'NOOP':
        await this.#answer('NOOP', '250 2.0.0 ok', { line });
        return;
      case 'VRFY':
      case 'EXPN':
        await this.#answer(verb, '252 2.5.0 send some mail, I will try my best', { line });
        return;
      case 'HELP':
        await this.#answer('HELP', '214 2.0.0 see RFC 5321', { line });
        return;
      case 'QUIT': {
        const reply = await this.#answer('QUIT', `221 2.0.0 ${this.#behaviour.hostname} closing`, { line });
        if (reply !== undefined) await this.#peer.perform({ kind: 'close' });
        return;
      }
      default:
        await this.#answer('unknown', '500 5.5.2 what?', { line });
    }
  }

  #extensions(): readonly string[] {
    const { extensions } = this.#behaviour;
    const { record, authenticated } = this.#peer.ledger;
    const lines = typeof extensions === 'function' ? extensions({ tls: record.tls, authenticated }) : extensions;
    return record.tls ? lines.filter((line) => line.toUpperCase() !== 'STARTTLS') : lines;
  }

  async #hello(verb: 'EHLO' | 'HELO' | 'LHLO', argument: string, line: string): Promise<void> {
    const { hostname } = this.#behaviour;
    const known = (verb === 'LHLO') === this.#lmtp;
    const lines = [hostname, ...(verb === 'HELO' ? [] : this.#extensions())];
    const hello = lines.map((text, index) => `250${index < lines.length - 1 ? '-' : ' '}${text}`).join('\n');
    const wrong = known ? `501 5.5.4 ${verb} needs a name` : `500 5.5.1 ${verb} is not for this protocol`;
    const reply = await this.#answer(verb, known && argument !== '' ? hello : wrong, { line });
    if (isPositive(reply)) this.#peer.intake.abandon();
  }

  async #startTls(argument: string, line: string): Promise<void> {
    const { ledger } = this.#peer;
    const ordinary = !ledger.offers('STARTTLS')
      ? '502 5.5.1 STARTTLS is not offered'
      : argument === ''
        ? '220 2.0.0 go ahead'
        : '501 5.5.4 STARTTLS takes no argument';
    const reply = await this.#answer('STARTTLS', ordinary, { line });
    if (reply?.code === 220) await this.#peer.perform({ kind: 'starttls' });
  }

  async #auth(argument: string, line: string): Promise<void> {
    const { ledger } = this.#peer;
    const [name = '', initial] = argument.split(' ');
    const mechanism = this.#behaviour.mechanisms[name.toUpperCase()] ?? saslMechanisms[name.toUpperCase()];
    const refusal = ledger.authenticated
      ? '503 5.5.1 already authenticated'
      : ledger.transaction !== undefined
        ? '503 5.5.1 not during a transaction'
        : !ledger.offers('AUTH')
          ? '502 5.5.1 AUTH is not offered'
          : mechanism === undefined
            ? '504 5.5.4 unknown mechanism'
            : undefined;
    const { accounts, hostname } = this.#behaviour;
    const exchange = mechanism?.({
      initial: initial === undefined ? undefined : Buffer.from(initial === '=' ? '' : initial, 'base64'),
      passwordOf: (user) => (Object.hasOwn(accounts, user) ? accounts[user] : undefined),
      hostname,
    });
    const say = (answer: Buffer | undefined): string => {
      if (exchange === undefined) return '504 5.5.4 unknown mechanism';
      const turn = answer === undefined ? exchange.next() : exchange.next(answer);
      if (turn.done !== true) return `334 ${turn.value.toString('base64')}`;
      return turn.value ? '235 2.7.0 welcome' : '535 5.7.8 wrong user name or password';
    };
    this.#counts.delete('response');
    let reply = await this.#answer('AUTH', refusal ?? say(undefined), { line });
    while (reply?.code === 334 && !this.#over()) {
      const response = await this.#peer.response();
      if (response === undefined) return;
      const cancelled = response.line === '*';
      const ordinary = cancelled ? '501 5.7.0 cancelled' : say(Buffer.from(response.line, 'base64'));
      reply = await this.#answer('response', ordinary, { line: response.line });
    }
  }

  #sizeLimit(): number {
    return announcedSize(this.#peer.ledger.extensions);
  }

  #pathRefusal(verb: 'MAIL' | 'RCPT', argument: string): string | undefined {
    const { extensions, transaction } = this.#peer.ledger;
    return pathRefusal(verb, argument, extensions, transaction?.parameters ?? []);
  }

  async #mail(argument: string, line: string): Promise<void> {
    const { ledger } = this.#peer;
    const refusal =
      ledger.hello === undefined
        ? `503 5.5.1 ${this.#lmtp ? 'LHLO' : 'EHLO'} first`
        : ledger.inTransaction
          ? '503 5.5.1 a transaction is open'
          : this.#pathRefusal('MAIL', argument);
    this.#counts.delete('RCPT');
    const address = parsePath(argument)?.address;
    await this.#answer('MAIL', refusal ?? '250 2.1.0 sender ok', { address, line });
  }

  async #rcpt(argument: string, line: string): Promise<void> {
    const refusal =
      this.#peer.ledger.transaction === undefined ? '503 5.5.1 MAIL first' : this.#pathRefusal('RCPT', argument);
    const address = parsePath(argument)?.address;
    await this.#answer('RCPT', refusal ?? '250 2.1.5 recipient ok', { address, line });
  }

  #accepted(): number {
    return this.#peer.ledger.transaction?.recipients.filter((one) => isPositive(one.reply)).length ?? 0;
  }

  async #data(argument: string, line: string): Promise<void> {
    const { transaction } = this.#peer.ledger;
    const ordinary =
      transaction === undefined
        ? '503 5.5.1 MAIL first'
        : transaction.chunked
          ? '503 5.5.1 DATA after BDAT'
          : this.#accepted() === 0
            ? '554 5.5.1 no valid recipients'
            : argument === ''
              ? '354 end with a dot alone'
              : '501 5.5.4 DATA takes no argument';
    const reply = await this.#answer('DATA', ordinary, { line });
    if (reply?.code !== 354 || this.#over()) return;
    const message = this.#peer.ledger.beginContent('data');
    for (const octets of this.#behaviour.contentMarks) {
      await this.#peer.beforeWaiting();
      const state = await this.#peer.intake.content(octets, undefined);
      if (state === 'gone') return;
      await this.#answer('content', undefined, { occurrence: octets });
      if (this.#over()) return;
      if (state === 'ended') return this.#final(message);
    }
    await this.#peer.beforeWaiting();
    if ((await this.#peer.intake.content(undefined, undefined)) === 'ended') await this.#final(message);
  }

  async #final(message: ReceivedMessage): Promise<void> {
    const { record } = this.#peer;
    const sizeRefusal = message.content.length > this.#sizeLimit() ? '552 5.3.4 the message is too large' : undefined;
    const occurrence = this.#count('final');
    const queueId = `T${String(record.number)}-${String(occurrence)}`;
    if (!this.#lmtp) {
      await this.#answer('final', sizeRefusal ?? `250 2.0.0 queued as ${queueId}`, { occurrence });
      return;
    }
    if (this.#chosen('final', occurrence, undefined) !== undefined) {
      await this.#answer('final', undefined, { occurrence });
      return;
    }
    // RFC 2033 section 4.2: one reply for each accepted recipient, in order.
    for (const [index, address] of message.envelope.to.entries()) {
      const ordinary = sizeRefusal ?? `250 2.1.5 <${address}> delivered as ${queueId}`;
      await this.#answer('delivery', ordinary, { occurrence: index + 1, address });
      if (this.#over()) return;
    }
    this.#peer.ledger.answered();
  }

  async #bdat(argument: string, line: string): Promise<void> {
    const { ledger, intake } = this.#peer;
    const [, size, last] = /^(\d{1,12})( LAST)?$/i.exec(argument) ?? [];
    if (size === undefined) {
      await this.#answer('BDAT', '501 5.5.4 BDAT needs a size', { line });
      return;
    }
    const { transaction } = ledger;
    const refusal =
      transaction === undefined
        ? '503 5.5.1 MAIL first'
        : !ledger.offers('CHUNKING')
          ? '502 5.5.1 BDAT is not offered'
          : this.#accepted() === 0
            ? '554 5.5.1 no valid recipients'
            : undefined;
    await this.#peer.beforeWaiting();
    if (transaction !== undefined) transaction.chunked = true;
    // A chunk is received even when it is refused: it must not be read as commands (RFC 3030 section 2).
    if (refusal !== undefined) {
      if (await intake.discard(Number(size))) await this.#answer('BDAT', refusal, { line });
      return;
    }
    const message = ledger.message ?? ledger.beginContent('bdat');
    if (!(await intake.chunk(Number(size), last !== undefined, undefined))) return;
    const chunk = (this.#counts.get('BDAT') ?? 0) + 1;
    const final = (this.#counts.get('final') ?? 0) + 1;
    // The last chunk is the end of the content: its key is `final`, or `BDAT` where only that is given.
    const byFinal =
      this.#chosen('final', final, undefined) ?? (this.#chosen('BDAT', chunk, undefined) ? undefined : []);
    if (last !== undefined && byFinal !== undefined) await this.#final(message);
    else await this.#answer('BDAT', `250 2.0.0 ${size} octets received`, { line });
  }
}
