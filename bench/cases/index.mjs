/** The cases, in the order in which they are run and written down. */
import { bodyEncoder } from './body-encoder.mjs';
import { compose } from './compose.mjs';
import { composeMemory } from './compose-memory.mjs';
import { headerOnly } from './header-only.mjs';
import { fromFile } from './from-file.mjs';
import { growth } from './header-only-growth.mjs';
import { installedSize } from './installed-size.mjs';
import { letter } from './letter.mjs';
import { outbox } from './outbox.mjs';
import { rawMessage } from './raw-message.mjs';
import { resend } from './resend.mjs';
import { roundTrips } from './round-trips.mjs';
import { startUp } from './start-up.mjs';
import { workers } from './workers.mjs';

export const CASES = [
  { title: 'body encoder', run: bodyEncoder },
  { title: 'raw message', run: rawMessage },
  { title: 'round trip', run: roundTrips },
  { title: 'letter', run: letter },
  { title: 'from a file', run: fromFile },
  { title: 'resend', run: resend },
  { title: 'outbox', run: outbox },
  { title: 'start-up', run: startUp },
  { title: 'installed size', run: installedSize },
  { title: 'composition', run: compose },
  { title: 'memory of composition', run: composeMemory },
  { title: 'header only', run: headerOnly },
  { title: 'growth', run: growth },
  { title: 'workers', run: workers },
];
