import { defineSurface, problemDialect } from './surface.js';

/** Scenarios, processes and keys: the LetsFlow REST API (engine-service §1). */
export const letsflow = defineSurface({
  name: 'LetsFlow',
  description: 'Scenarios, processes and API keys, as the LetsFlow API has them.',
  failure: problemDialect,
});

/** What is ours beside it: administration of the platform itself. */
export const platform = defineSurface({
  name: 'Platform',
  description: 'Incidents, webhooks and what else the platform has of its own.',
  failure: problemDialect,
});
