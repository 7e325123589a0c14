import { z } from 'zod';
import type { Privilege } from '../principal.js';
import type { RequestContract } from '../request.js';
import { disableScenario, startProcess, stepProcess, storeScenario } from './engine.js';
import { retryNotifications } from './notifications.js';

/** Durable queue of the commands of outsiders, and the exchange they publish to. */
export const COMMAND_DOOR = 'engine.commands';
export const COMMAND_EXCHANGE = 'commands';

/** Largest body of a command unless configured otherwise: 1 MiB, as on REST. */
export const COMMAND_BODY_BYTES = 1_048_576;

/** A first action, by its key or with a response. */
export const startActionSchema = z.union([
  z
    .string()
    .min(1)
    .transform((key): { key: string; response?: unknown } => ({ key })),
  z.object({ key: z.string().min(1), response: z.unknown().optional() }),
]);

const name = z.string().min(1).max(1_000);

/** What {@link CommandContract.translate} needs beside the body. */
export interface CommandTerms {
  /** ETag the process must have (`if-match`). */
  readonly ifMatch?: string;
  /** Whether the answer shall hold the whole process (`prefer: return=representation`). */
  readonly representation: boolean;
}

/** Something an outsider can ask for by a message, and the engine's request it stands for. */
export interface CommandContract<Body extends z.ZodType = z.ZodType, C extends RequestContract = RequestContract> {
  /** Routing key and `type` of the message. */
  readonly name: string;
  readonly summary: string;
  /** Needed at least; the engine's request decides. */
  readonly privilege: Privilege;
  /** Body of the message; where {@link yaml} is set, the document itself. */
  readonly body: Body;
  /** The body is a document that may be YAML by its content type. */
  readonly yaml?: true;
  /** Without a `message-id` a redelivery would do it twice, so there must be one. */
  readonly needsId?: true;
  readonly request: C;
  translate(body: z.infer<Body>, terms: CommandTerms): z.input<C['body']>;
  /** Id of what the body is about: commands about the same are carried out one after the other. */
  readonly subject?: (body: unknown) => unknown;
}

const defineCommand = <Body extends z.ZodType, C extends RequestContract>(
  contract: CommandContract<Body, C>,
): CommandContract => contract;

const member = (key: string) => (body: unknown) => (body as Record<string, unknown> | null | undefined)?.[key];

/** A scenario as its author wrote it. */
export interface ScenarioText {
  readonly source: string;
  readonly format: 'json' | 'yaml';
}
const scenarioTextSchema = z.custom<ScenarioText>();

/** Every command of the queue. What is not in this list is refused by its name. */
export const COMMANDS: readonly CommandContract[] = [
  defineCommand({
    name: 'process.start',
    summary: 'Starts a process of a stored scenario and, when an action is given, performs it as the first.',
    privilege: 'process:start',
    body: z.object({
      scenario: name,
      actors: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
      action: startActionSchema.optional(),
      actor: name.optional(),
    }),
    needsId: true,
    request: startProcess,
    translate: (body) => body,
  }),
  defineCommand({
    name: 'process.step',
    summary: 'Performs an action of a running process.',
    privilege: 'process:step',
    body: z.object({ process: name, action: name, response: z.unknown().optional(), actor: name.optional() }),
    request: stepProcess,
    translate: (body, terms) => ({ ...body, ...terms }),
    subject: member('process'),
  }),
  defineCommand({
    name: 'process.retry',
    summary: 'Notifies services of the present state of a process again: those named, or all.',
    privilege: 'process:super',
    body: z.object({ process: name, services: z.array(name).min(1).max(100).optional() }),
    request: retryNotifications,
    translate: (body) => body,
    subject: member('process'),
  }),
  defineCommand({
    name: 'scenario.store',
    summary: 'Stores a scenario, written in JSON or YAML; the same again enables it.',
    privilege: 'scenario:write',
    body: scenarioTextSchema,
    yaml: true,
    request: storeScenario,
    translate: ({ source, format }) => ({ source, format }),
  }),
  defineCommand({
    name: 'scenario.disable',
    summary: 'Keeps new processes of a scenario from being started.',
    privilege: 'scenario:write',
    body: z.object({ scenario: name }),
    request: disableScenario,
    translate: ({ scenario }) => ({ id: scenario }),
    subject: member('scenario'),
  }),
];
