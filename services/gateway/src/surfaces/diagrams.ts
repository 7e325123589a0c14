import { HandoverError, diagramOperations as operations, getProcess, getScenario } from '@handover/contracts';
import {
  DiagramTooLarge,
  draw,
  layoutScenario,
  type DiagramScenario,
  type Layout,
  type Progress,
} from '@handover/diagram';
import { createHash } from 'node:crypto';
import { entityTags } from '../http/conditional.js';
import { implement, type Implementation } from '../http/operation.js';

/** Layouts kept: the costly part of a diagram, the same for every process of a scenario. */
const LAYOUTS = 200;

/** `/scenarios/{id}/diagram` and `/processes/{id}/diagram`, for those who may read the scenario or the process. */
export function diagrams(): readonly Implementation[] {
  const layoutOf = createLayouts();
  return [
    implement(operations.ofScenario, async ({ params, headers, caller, ask }) => {
      const { id, normalised } = await ask(getScenario, params);
      const scenario = normalised as unknown as DiagramScenario;
      return picture(headers, draw(layoutOf(`${caller.principal.tenant}/${id}`, scenario), scenario));
    }),

    implement(operations.ofProcess, async ({ params: { id }, headers, caller, ask }) => {
      const { process } = await ask(getProcess, { id, fields: ['scenario', 'current', 'events'] });
      const { scenario, current, events } = process as unknown as ProcessParts;
      const layout = layoutOf(`${caller.principal.tenant}/${scenario.id}`, scenario);
      return picture(headers, draw(layout, scenario, { current: current.key, events }));
    }),
  ];
}

interface ProcessParts extends Required<Pick<Progress, 'events'>> {
  readonly scenario: DiagramScenario & { readonly id: string };
  readonly current: { readonly key: string };
}

/** A stored scenario never changes under its id, so neither does its layout; the longest unused one is forgotten. */
function createLayouts(): (key: string, scenario: DiagramScenario) => Layout {
  const kept = new Map<string, Layout>();
  return (key, scenario) => {
    const layout = kept.get(key) ?? laidOut(scenario);
    kept.delete(key);
    kept.set(key, layout);
    for (const oldest of kept.keys()) if (kept.size > LAYOUTS) kept.delete(oldest);
    return layout;
  };
}

function laidOut(scenario: DiagramScenario): Layout {
  try {
    return layoutScenario(scenario);
  } catch (error) {
    if (error instanceof DiagramTooLarge) throw new HandoverError('diagram_too_large', error.message, { cause: error });
    throw error;
  }
}

/** A picture with what users wrote in it: nothing in it may run, whoever opens it and where. */
function picture({ 'If-None-Match': known }: { 'If-None-Match'?: string | undefined }, svg: string) {
  const etag = createHash('sha256').update(svg).digest('base64url');
  const headers = {
    ETag: `"${etag}"`,
    'Cache-Control': 'private, no-cache',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
  };
  if (entityTags(known).includes(etag)) return { status: 304 as const, headers };
  return { status: 200 as const, text: svg, media: 'image/svg+xml', headers };
}
