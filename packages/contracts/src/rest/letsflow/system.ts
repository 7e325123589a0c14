import { z } from 'zod';
import { demoAccountSchema } from '../../messages/auth.js';
import { locationHeader } from '../headers.js';
import { defineOperation } from '../operation.js';
import { letsflow } from '../surfaces.js';

/** What `GET /info` says of the installation (engine-service §1). */
export const systemInfoSchema = z
  .object({
    name: z.string(),
    version: z.string(),
    description: z.string(),
    env: z.string(),
    schemas: z.array(z.string()).meta({ description: 'Ids of the JSON schemas scenarios may refer to.' }),
  })
  .meta({ id: 'SystemInfo' });
export type SystemInfo = z.infer<typeof systemInfoSchema>;

export const systemOperations = {
  root: defineOperation({
    id: 'getRoot',
    surface: letsflow,
    method: 'get',
    path: '/',
    summary: 'Go to the documentation',
    privilege: null,
    answers: { 302: { description: 'Found', headers: locationHeader } },
    errors: [],
    examples: [{ summary: 'The documentation', status: 302 }],
  }),

  info: defineOperation({
    id: 'getInfo',
    surface: letsflow,
    method: 'get',
    path: '/info',
    summary: 'Get system information',
    privilege: null,
    answers: { 200: { description: 'What this is.', schema: systemInfoSchema } },
    errors: [],
    examples: [
      {
        summary: 'An installation',
        status: 200,
        answer: {
          name: 'handover',
          version: '0.1.0',
          description: 'Workflow platform for work that people, services and agents hand over to each other',
          env: 'production',
          schemas: ['https://specs.letsflow.io/v1.0/actor'],
        },
      },
    ],
  }),

  demoAccounts: defineOperation({
    id: 'listDemoAccounts',
    surface: letsflow,
    method: 'get',
    path: '/demo-accounts',
    summary: 'Get demo accounts',
    description: 'Accounts with tokens to try the platform with, in development only.',
    privilege: null,
    answers: { 200: { description: 'The accounts, each with a fresh token.', schema: z.array(demoAccountSchema) } },
    errors: ['demo_accounts_disabled'],
    examples: [
      {
        summary: 'In development',
        status: 200,
        answer: [{ id: 'alice', info: { name: 'Alice' }, roles: ['support'], token: 'eyJhbGciOi…' }],
      },
    ],
  }),
};
