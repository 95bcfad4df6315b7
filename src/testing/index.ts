/** `posthaste/testing`: a server that says what a test tells it to say, and a transport that sends nothing. */
export {
  type Answer,
  type Behaviour,
  type SessionState,
  type StepContext,
  type StepKey,
  type StepName,
  stepNames,
} from './behaviour.js';
export { createTestCertificate, type TestCertificate, type TestCertificateOptions } from './certificate.js';
export { type Violation, type ViolationKind } from './content.js';
export { fault, type FaultName, faultNames } from './faults.js';
export { type ScriptFailure, ScriptMismatchError } from './failures.js';
export { type Expectation, ScriptSyntaxError } from './notation.js';
export { type Peer } from './peer.js';
export {
  type ConnectionRecord,
  type Ending,
  type MessageOutcome,
  type ReceivedCommand,
  type ReceivedMessage,
  type ReceivedRecipient,
  type Totals,
} from './records.js';
export { type SaslContext, type SaslMechanism } from './sasl-server.js';
export {
  parseTranscript,
  script,
  type Script,
  ScriptBuilder,
  type Occurs,
  type ScriptSection,
  type ScriptStep,
} from './script.js';
export { ScriptedServer } from './scripted-server.js';
export { type Handler, type ScriptedServerOptions, type ServerScript } from './server-options.js';
export { type Addressee, type Chunking, type ServerStep } from './server-step.js';
export { StubTransport, type SentMessage, type StubTransportOptions, type UnsentMessage } from './stub-transport.js';
