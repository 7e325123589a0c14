import { Router, type Context } from 'zeromq';
import { OVERHEAD_BYTES } from './wire.js';

export interface RouterOptions {
  readonly context: Context;
  /** Options of CURVE; none on a machine's own sockets. */
  readonly curve: object;
  readonly heartbeatMs: number;
  readonly maxBodyBytes: number;
}

/** Time for the last answers to leave after the socket is closed. */
const LINGER_MS = 500;

/** A ROUTER, not yet bound, that many connect to: of the services or of outsiders. */
export function makeRouter(
  { context, curve, heartbeatMs, maxBodyBytes }: RouterOptions,
  highWaterMark: number,
): Router {
  return new Router({
    context,
    // Tells when an answer reaches nobody, instead of swallowing it.
    mandatory: true,
    sendTimeout: 0,
    linger: LINGER_MS,
    sendHighWaterMark: highWaterMark,
    receiveHighWaterMark: highWaterMark,
    heartbeatInterval: heartbeatMs,
    heartbeatTimeout: heartbeatMs * 2,
    heartbeatTimeToLive: heartbeatMs * 2,
    maxMessageSize: maxBodyBytes + OVERHEAD_BYTES,
    ...curve,
  });
}
