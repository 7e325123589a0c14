import { WORKFLOW_TYPES, workflowRecordSchema, type WorkflowRecord } from '@handover/contracts';
import { z } from 'zod';
import { WORKFLOW_RECORD, statusOf } from './scenario.js';

const word = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

/** What is read of the process that a record is. */
const processSchema = z.object({
  id: z.string(),
  scenario: z.object({ id: z.literal(WORKFLOW_RECORD.id) }),
  actors: z.object({ agent: z.object({ id: z.string().startsWith('agent:') }) }),
  isRunning: z.boolean(),
  current: z.object({ key: z.string(), timestamp: z.string() }),
  vars: z.object({
    customer_id: z.string(),
    workflow_type: z.enum(WORKFLOW_TYPES),
    title: word,
    reference: word,
    stage: z.string(),
    workflow_state: z.record(z.string(), z.unknown()),
    assigned_to: word,
    approver_id: word,
    escalation_level: z.number(),
    next_action_at: word,
    expires_at: word,
    suspended_step: word,
    suspend_payload: z.record(z.string(), z.unknown()).nullish(),
  }),
  previous: z.array(
    z.object({
      timestamp: z.string(),
      actor: z.object({ id: z.string().nullish(), apikey: z.string().nullish() }).optional(),
      action: z.string(),
      from_status: z.string().nullable(),
      to_status: z.string(),
      from_stage: z.string().nullable(),
      to_stage: z.string().nullable(),
      data: z.unknown().optional(),
    }),
  ),
});

/** Members of a process that {@link recordOf} reads. */
export const RECORD_FIELDS = ['id', 'scenario', 'actors', 'isRunning', 'current', 'vars', 'previous'] as const;

/** Who owns the record: the id of the actor that an agent instance is. */
export const agentOf = (instance: string): string => `agent:${instance}`;

export interface RecordInHand {
  readonly record: WorkflowRecord;
  /** Why and since when it stands still; absent unless it is suspended. */
  readonly suspension?: {
    readonly suspended_step: string;
    readonly suspended_at: string;
    readonly suspend_payload: Record<string, unknown> | null;
  };
}

/** A process as the record it is; undefined when it is a process of something else, or of a record that was never created. */
export function recordOf(process: Record<string, unknown>, tenant: string): RecordInHand | undefined {
  const parsed = processSchema.safeParse(process);
  if (!parsed.success) return undefined;
  const { id, actors, isRunning, current, vars, previous } = parsed.data;
  const { suspended_step: step, suspend_payload: payload, ...own } = vars;
  const history = previous.map(({ timestamp, actor, action, data, ...change }) => ({
    action,
    at: timestamp,
    by: actor ? (actor.id ?? (actor.apikey ? `key:${actor.apikey}` : null)) : null,
    ...change,
    ...(data !== undefined && { data }),
  }));
  const updated = history.at(-1)?.at ?? current.timestamp;
  const record = workflowRecordSchema.parse({
    ...own,
    id,
    tenant_id: tenant,
    instance_id: actors.agent.id.slice(agentOf('').length),
    status: statusOf(current.key),
    history,
    created_at: history[0]?.at ?? updated,
    updated_at: updated,
    last_action_at: history.findLast(({ by }) => by !== null)?.at ?? null,
    completed_at: isRunning ? null : current.timestamp,
  });
  if (record.status !== 'suspended') return { record };
  const suspension = { suspended_step: step ?? '', suspended_at: current.timestamp, suspend_payload: payload ?? null };
  return { record, suspension };
}
