// What every server is asked to take.
import { BURST_SCENARIOS } from './scenarios/burst-scenarios.js';
import { CHUNKING_SCENARIOS } from './scenarios/chunking-scenarios.js';
import { CONTENT_SCENARIOS } from './scenarios/content-scenarios.js';
import { DSN_SCENARIOS } from './scenarios/dsn-scenarios.js';
import { LMTP_SCENARIOS } from './scenarios/lmtp-scenarios.js';
import { LOGIN_SCENARIOS } from './scenarios/login-scenarios.js';
import type { Scenario } from './scenarios/scenario.js';
import { TLS_SCENARIOS } from './scenarios/tls-scenarios.js';
import { WIRE_SCENARIOS } from './scenarios/wire-scenarios.js';

export const SCENARIOS: readonly Scenario[] = [
  ...CONTENT_SCENARIOS,
  ...WIRE_SCENARIOS,
  ...BURST_SCENARIOS,
  ...CHUNKING_SCENARIOS,
  ...LMTP_SCENARIOS,
  ...DSN_SCENARIOS,
  ...TLS_SCENARIOS,
  ...LOGIN_SCENARIOS,
];
