/** The REST API, live events, and genuine webhooks: for Node, browsers and the edge. Messages have entries of their own. */
export { createClient, type Call, type CallOptions, type Client, type ClientOptions } from './rest/client.js';
export { live, type LiveEvent, type LiveOptions } from './rest/live.js';
export { items, pages } from './rest/pages.js';
export { ProblemError, type ProblemCode } from './rest/problem.js';
export { ConnectionError, type SendOptions } from './rest/send.js';
export { VerificationError, verifyWebhook, type WebhookHeaders } from './webhook.js';
