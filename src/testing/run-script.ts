/** Holds one conversation to its script: step by step, never ahead of the client, never past the first difference. */
import { Mismatch, shownCommand, withoutEnd } from './failures.js';
import type { PeerDriver } from './peer.js';
import type { Occurs, ScriptSection, ScriptStep } from './script.js';

/** How far a section has come, for `finished()` and `pending()`. */
export class Progress {
  readonly section: ScriptSection;
  next = 0;
  over = false;

  constructor(section: ScriptSection) {
    this.section = section;
  }

  /** What must still happen: everything but steps that the client may leave out, and what belongs to them. */
  get missing(): readonly ScriptStep[] {
    if (this.over) return [];
    let needed = true;
    const rest: ScriptStep[] = [];
    for (const step of this.section.steps.slice(this.next)) {
      if (step.side === 'client') needed = step.occurs === 'once';
      if (needed) rest.push(step);
    }
    return rest;
  }
}

type ClientStep = Extract<ScriptStep, { side: 'client' }>;

/** The index behind the server steps that belong to the client step at `index`. */
function behindBlock(steps: readonly ScriptStep[], index: number): number {
  const found = steps.findIndex((step, at) => at > index && step.side === 'client');
  return found === -1 ? steps.length : found;
}

/** The client steps of which one must come next: the optional ones from here on, up to the first that is required. */
function choices(steps: readonly ScriptStep[], from: number): readonly ClientStep[] {
  const found: ClientStep[] = [];
  for (let at = from; at < steps.length; at = behindBlock(steps, at)) {
    const step = steps[at];
    if (step?.side !== 'client') break;
    found.push(step);
    if (step.occurs === 'once') break;
  }
  return found;
}

const mark: Readonly<Record<Occurs, string>> = { once: 'C: ', optional: 'C? ', any: 'C* ' };

/** A step as it stands in a transcript. */
export function stepText(step: ScriptStep): string {
  if (step.side === 'client') return mark[step.occurs] + step.text;
  return step.side === 'server' ? `S: ${step.text}` : step.text;
}

/** Whether an optional step happens now. Waits for the client's next word; its silence or its close decide, too. */
async function happens(peer: PeerDriver, steps: readonly ScriptStep[], index: number): Promise<boolean> {
  const open = choices(steps, index);
  const step = open[0];
  const required = open.at(-1)?.occurs === 'once';
  const text = open.map(stepText).join(' or ');
  if (step === undefined) return false;
  if (step.expectation.kind === 'content' || step.expectation.kind === 'bdat') return peer.intake.inContent;
  const line = await peer.peekLine(required ? peer.wire.timeoutMs : undefined, text);
  if (step.expectation.kind === 'close') return line === undefined;
  if (line === undefined) return false;
  return step.expectation.matches(withoutEnd(line), peer.intake.inContent);
}

/** Runs a section to its end, and watches what the client says after it. Throws Mismatch at the first difference. */
export async function runScript(peer: PeerDriver, progress: Progress): Promise<void> {
  const { steps } = progress.section;
  let repeating: number | undefined;
  while (progress.next < steps.length || repeating !== undefined) {
    // The block of a `C*` step has come to its end: it may begin again.
    if (repeating !== undefined && progress.next === behindBlock(steps, repeating)) progress.next = repeating;
    const index = progress.next;
    const step = steps[index];
    if (step === undefined) break;
    try {
      if (step.side === 'server') await peer.perform(step.step);
      else if (step.side === 'call') await step.call(peer);
      else if (step.occurs !== 'once' && !(await happens(peer, steps, index))) {
        repeating = undefined;
        progress.next = behindBlock(steps, index);
        continue;
      } else {
        await peer.meet(step.expectation, step.text);
        repeating = step.occurs === 'any' ? index : undefined;
      }
    } catch (error) {
      if (error instanceof Mismatch) throw new Mismatch(error.expected, error.got, error.line ?? step.line);
      throw error;
    }
    progress.next = index + 1;
  }
  const lastIsQuit = peer.ledger.lastCommand?.verb === 'QUIT';
  if (lastIsQuit && !peer.ended) await peer.perform({ kind: 'close' });
  progress.over = true;
  peer.wire.ring();
  const more = await peer.afterLastStep();
  if (more !== undefined) throw new Mismatch('nothing more: the script is over', shownCommand(more));
}
