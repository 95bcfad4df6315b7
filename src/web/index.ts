/** What the pages of the commands stand on: one guard, one server, one way to answer. No entry of the package. */
export type { ErrorJson } from './error-json.js';
export { hostInUrl, isHost, isLoopback, reachableHost, whyNotListening } from './host.js';
export type { PageAsset, PageAssets } from './page-assets.js';
export { failure, json, octets, type Answer } from './responses.js';
export { answerBy, unknownParameter, type Handler, type Route } from './routes.js';
export { WebServer, type Call } from './server.js';
