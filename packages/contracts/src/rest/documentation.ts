import { z } from 'zod';
import { defineOperation } from './operation.js';
import { platform } from './surfaces.js';

/** The description of the API by the API. */
export const documentationOperations = {
  document: defineOperation({
    id: 'getOpenApi',
    surface: platform,
    method: 'get',
    path: '/openapi.json',
    summary: 'Get this document',
    privilege: null,
    answers: { 200: { description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) } },
    errors: [],
    examples: [{ summary: 'Its beginning', status: 200, answer: { openapi: '3.1.1' } }],
  }),

  page: defineOperation({
    id: 'getApiDocs',
    surface: platform,
    method: 'get',
    path: '/api-docs',
    summary: 'Read and try the API in a browser',
    privilege: null,
    answers: { 200: { description: 'A page.', schema: z.string(), media: ['text/html'] } },
    errors: [],
    examples: [{ summary: 'Its beginning', status: 200, answer: '<!doctype html>' }],
  }),

  asset: defineOperation({
    id: 'getApiDocsAsset',
    surface: platform,
    method: 'get',
    path: '/api-docs/{asset}',
    summary: 'What the page of the documentation is made of',
    privilege: null,
    answers: {
      200: {
        description: 'A script, a style sheet or a picture.',
        schema: z.string(),
        media: ['text/javascript', 'text/css', 'image/png'],
      },
    },
    errors: ['not_found'],
    examples: [
      { summary: 'The style sheet', params: { asset: 'swagger-ui.css' }, status: 200, answer: '.swagger-ui {}' },
    ],
  }),
};
