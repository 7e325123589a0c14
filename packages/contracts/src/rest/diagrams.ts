import { z } from 'zod';
import { defineOperation } from './operation.js';
import { platform } from './surfaces.js';

const etag = z.object({ ETag: z.string().meta({ description: 'Changes with the picture.' }) });
const conditional = z.object({
  'If-None-Match': z.string().max(2_000).optional().meta({ description: 'ETags the caller has already.' }),
});
const answers = {
  200: { description: 'The picture.', schema: z.string(), media: ['image/svg+xml'], headers: etag },
  304: { description: 'Not changed', headers: etag },
} as const;
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>Quote</title></svg>';

export const diagramOperations = {
  ofScenario: defineOperation({
    id: 'drawScenario',
    surface: platform,
    method: 'get',
    path: '/scenarios/{id}/diagram',
    summary: 'Draw a scenario as SVG',
    privilege: 'scenario:read',
    headers: conditional,
    answers,
    errors: ['scenario_not_found', 'diagram_too_large'],
    examples: [
      { summary: 'A scenario', params: { id: '1fd96b1a-8a5d-5d23-8b86-ea1ea6a4ba2c' }, status: 200, answer: SVG },
    ],
  }),

  ofProcess: defineOperation({
    id: 'drawProcess',
    surface: platform,
    method: 'get',
    path: '/processes/{id}/diagram',
    summary: 'Draw where a process is, and the way it took, as SVG',
    headers: conditional,
    answers,
    errors: ['process_not_found', 'diagram_too_large'],
    examples: [
      { summary: 'A process', params: { id: '7c0b7a53-2f0e-4c1b-9d0a-3c2f0a9e4d11' }, status: 200, answer: SVG },
    ],
  }),
};
