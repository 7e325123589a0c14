import type { ProcessInstance } from '@handover/contracts';
import { z } from 'zod';
import type { StoredDefinition } from './definition.repository.js';

/** What is read of the process that an instance is. */
const processSchema = z.object({
  id: z.string(),
  isRunning: z.boolean(),
  current: z.object({ key: z.string(), timestamp: z.string() }),
  vars: z.object({
    asset: z.object({ id: z.string(), name: z.string(), tag: z.string() }),
    started_by: z.string(),
    step_data: z.record(z.string(), z.unknown()),
    cancelled_at: z.string().nullish(),
  }),
});

/** Members of a process that {@link instanceOf} and its callers read. */
export const INSTANCE_FIELDS = ['id', 'scenario', 'isRunning', 'current', 'vars', 'events'] as const;

/** A process as the instance it is; undefined when it was not started as one. */
export function instanceOf(
  process: Record<string, unknown>,
  { definition, steps }: StoredDefinition,
  startedAt: string,
): ProcessInstance | undefined {
  const parsed = processSchema.safeParse(process);
  if (!parsed.success) return undefined;
  const { id, isRunning, current, vars } = parsed.data;
  const isCompleted = current.key === '(completed)';
  const step = steps.findIndex(({ key }) => key === (vars.cancelled_at ?? current.key));
  return {
    id,
    process_id: definition.id,
    asset_id: vars.asset.id,
    status: isRunning ? 'in_progress' : isCompleted ? 'completed' : 'cancelled',
    current_step: isCompleted ? steps.length : Math.max(0, step),
    step_data: vars.step_data,
    process_name: definition.name,
    asset_name: vars.asset.name,
    asset_tag: vars.asset.tag,
    started_by_name: vars.started_by,
    started_at: startedAt,
    completed_at: isRunning ? null : current.timestamp,
  };
}

/** Id of the scenario, and time of the first event, of a process that was read with {@link INSTANCE_FIELDS}. */
export function originOf(process: Record<string, unknown>): { scenario: string; startedAt: string } {
  return originSchema.parse(process);
}

const originSchema = z
  .object({
    scenario: z.object({ id: z.string() }),
    events: z.tuple([z.object({ timestamp: z.string() })], z.unknown()),
  })
  .transform(({ scenario, events: [first] }) => ({ scenario: scenario.id, startedAt: first.timestamp }));

export const assetTag = (asset: string): string => `asset:${asset}`;
export const definitionTag = (definition: string): string => `definition:${definition}`;
