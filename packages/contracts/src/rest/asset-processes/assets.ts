import { z } from 'zod';
import { locationHeader } from '../headers.js';
import { defineOperation, json } from '../operation.js';
import { assetChangeSchema, assetSchema, newAssetSchema } from './asset.js';
import { ASSET, META } from './examples.js';
import { one, page, paging, status } from './fields.js';
import { assetProcesses } from './surface.js';

export const assetOperations = {
  list: defineOperation({
    id: 'listAssets',
    surface: assetProcesses,
    method: 'get',
    path: '/v1/assets',
    summary: 'List assets by their tags',
    privilege: 'assets:read',
    query: z.object({
      q: z.string().min(1).max(200).optional().meta({ description: 'Part of the name or the tag.' }),
      status: status.optional(),
      ...paging,
    }),
    answers: { 200: { description: 'A page of assets.', schema: page(assetSchema) } },
    errors: [],
    examples: [{ summary: 'One asset', status: 200, answer: { data: [ASSET], meta: META } }],
  }),
  create: defineOperation({
    id: 'createAsset',
    surface: assetProcesses,
    method: 'post',
    path: '/v1/assets',
    summary: 'Register an asset; its tag is generated',
    privilege: 'assets:write',
    body: json(newAssetSchema),
    answers: { 201: { description: 'The asset.', schema: one(assetSchema), headers: locationHeader } },
    errors: [],
    examples: [
      {
        summary: 'A laptop',
        body: { name: ASSET.name },
        status: 201,
        answer: { data: { ...ASSET, status: 'available' } },
      },
    ],
  }),
  get: defineOperation({
    id: 'getAsset',
    surface: assetProcesses,
    method: 'get',
    path: '/v1/assets/{id}',
    summary: 'Read an asset',
    privilege: 'assets:read',
    answers: { 200: { description: 'The asset.', schema: one(assetSchema) } },
    errors: ['not_found'],
    examples: [{ summary: 'A laptop', params: { id: ASSET.id }, status: 200, answer: { data: ASSET } }],
  }),
  change: defineOperation({
    id: 'changeAsset',
    surface: assetProcesses,
    method: 'patch',
    path: '/v1/assets/{id}',
    summary: 'Change an asset',
    privilege: 'assets:write',
    body: json(assetChangeSchema),
    answers: { 200: { description: 'The asset after it.', schema: one(assetSchema) } },
    errors: ['not_found'],
    examples: [
      {
        summary: 'It is lost',
        params: { id: ASSET.id },
        body: { status: 'lost' },
        status: 200,
        answer: { data: { ...ASSET, status: 'lost' } },
      },
    ],
  }),
};
