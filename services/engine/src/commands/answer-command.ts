import type { ForeignReply } from '@handover/bus';
import {
  disableScenario,
  startProcess,
  stepProcess,
  storeScenario,
  toProblem,
  type AnswerOf,
  type CommandContract,
} from '@handover/contracts';

type Answers = Record<string, (answer: never) => Pick<ForeignReply, 'headers' | 'body'>>;

const version = ({ etag, lastModified }: { etag: string; lastModified: string }) => ({
  etag: `"${etag}"`,
  'last-modified': new Date(lastModified).toUTCString(),
});

/** What REST answers to the same command: status, headers, body. */
const ANSWERS: Answers = {
  [startProcess.type]: (started: AnswerOf<typeof startProcess>) => ({
    headers: { status: 201, ...version(started), location: `/processes/${String(started.process.id)}` },
    body: started.process,
  }),
  [stepProcess.type]: (stepped: AnswerOf<typeof stepProcess>) => ({
    headers: { status: stepped.process ? 200 : 204, ...version(stepped) },
    ...(stepped.process && { body: stepped.process }),
  }),
  [storeScenario.type]: (stored: AnswerOf<typeof storeScenario>) => ({
    headers: { status: 201, location: `/scenarios/${stored.id}` },
    body: stored,
  }),
  [disableScenario.type]: () => ({ headers: { status: 204 } }),
};

/** The reply to a command that was carried out. */
export function replyTo({ request }: CommandContract, answer: unknown): ForeignReply {
  const made = ANSWERS[request.type]?.(answer as never) ?? { headers: { status: 200 }, body: answer };
  return { status: 'ok', contentType: 'application/json', ...made };
}

/** The reply to one that was not. */
export function problemReply(error: unknown, requestId: string): ForeignReply {
  const body = toProblem(error, requestId);
  const headers = {
    status: body.status,
    ...(body.retryAfter !== undefined && { 'retry-after': Math.ceil(body.retryAfter) }),
  };
  return { status: 'problem', contentType: 'application/problem+json', headers, body };
}
