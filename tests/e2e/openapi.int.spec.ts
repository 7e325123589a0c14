import { compileErrors, validate } from '@readme/openapi-parser';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInProcess, type InProcess } from './src/in-process.js';

let platform: InProcess;
let document: Record<string, unknown>;

beforeAll(async () => {
  platform = await startInProcess();
  document = (await (await platform.call('GET', '/openapi.json')).json()) as Record<string, unknown>;
});
afterAll(() => platform.stop());

interface Described {
  readonly examples?: unknown;
  readonly content?: Readonly<Record<string, { readonly examples?: unknown }>>;
}
interface DescribedOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly example?: unknown }[];
  readonly requestBody?: Described;
  readonly responses: Readonly<Record<string, Described>>;
}
const operations = (): DescribedOperation[] =>
  Object.values(document.paths as Record<string, Record<string, DescribedOperation>>).flatMap((path) =>
    Object.values(path),
  );

describe('the OpenAPI document', () => {
  it('is valid for one validator', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it('is valid for another', async () => {
    const result = await validate(structuredClone(document) as never);
    expect(result.valid ? '' : compileErrors(result)).toBe('');
  });

  it('shows an example of every body, and of every parameter of a path', () => {
    const bare = operations().flatMap(({ operationId, requestBody, responses, parameters = [] }) => {
      const bodies = Object.entries({ ...responses, ...(requestBody && { body: requestBody }) });
      return [
        ...bodies
          .filter(([, { content = {} }]) => Object.keys(content).length > 0)
          .filter(([, { content = {} }]) => Object.values(content).every(({ examples }) => examples === undefined))
          .map(([part]) => `${operationId} ${part}`),
        ...parameters
          .filter((parameter) => parameter.in === 'path' && parameter.example === undefined)
          .map(({ name }) => `${operationId} {${name}}`),
      ];
    });
    expect(bare).toEqual([]);
  });

  it('groups every operation, and says how to be known', () => {
    const groups = (document.tags as { name: string }[]).map(({ name }) => name);
    for (const { tags } of operations()) expect(groups).toEqual(expect.arrayContaining([...tags]));
    expect(document.components).toMatchObject({ securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } });
  });
});

describe('the page of the documentation', () => {
  it('is where the root leads', async () => {
    const root = await platform.call('GET', '/');
    expect([root.status, root.headers.get('location')]).toEqual([302, '/api-docs']);
  });

  it('loads nothing from elsewhere, and everything it loads is there', async () => {
    const page = await platform.call('GET', '/api-docs');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    const parts = [...(await page.text()).matchAll(/(?:href|src)="([^"]+)"/g)].map(([, part = '']) => part);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) {
      expect(part).toMatch(/^api-docs\/[\w.-]+$/);
      const loaded = await platform.call('GET', `/${part}`);
      expect([part, loaded.status]).toEqual([part, 200]);
      expect((await loaded.arrayBuffer()).byteLength).toBeGreaterThan(50);
    }
  });

  it.each(['package.json', '..%2Fpackage.json', 'constructor', 'swagger-ui.js.map'])('has no part %s', async (part) => {
    expect((await platform.call('GET', `/api-docs/${part}`)).status).toBe(404);
  });
});
