import { z } from 'zod';
import { ERRORS, HandoverError, problemSchema, toProblem, type ErrorCode } from '../errors.js';
import { errorsOf, type AnswerDefinition, type BodyDefinition, type Example, type Operation } from './operation.js';
import { createComponents, type Components, type JsonObject } from './openapi-components.js';

export interface OpenApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

const REQUEST_ID = {
  schema: { type: 'string' },
  description: 'Names this request in logs; the caller’s own `X-Request-Id` where it sent one.',
};

const SECURITY = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A JWT of a configured issuer, or an API key (`lfl_…`).' },
};

/** The OpenAPI 3.1 document of some operations. Pure: the same operations give the same document. */
export function openApi(operations: readonly Operation[], info: OpenApiInfo): JsonObject {
  const components = createComponents();
  const paths: Record<string, JsonObject> = {};
  for (const operation of operations) {
    (paths[operation.path] ??= {})[operation.method] = describeOperation(operation, components);
  }
  const surfaces = new Map(operations.map(({ surface }) => [surface.name, surface.description]));
  return {
    openapi: '3.1.1',
    info: { ...info, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    tags: [...surfaces].map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: components.schemas(),
      examples: components.examples(),
      headers: { RequestId: REQUEST_ID },
      securitySchemes: SECURITY,
    },
  };
}

function describeOperation(operation: Operation, components: Components): JsonObject {
  const { id, surface, summary, privilege, body } = operation;
  const description = describe(operation);
  const parameters = parametersOf(operation, components);
  return {
    operationId: id,
    tags: [surface.name],
    summary,
    ...(description !== '' && { description }),
    security: privilege === null ? [] : [{ bearer: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: requestBody(operation, body, components) }),
    responses: { ...successes(operation, components), ...failures(operation, components) },
  };
}

function describe({ description = '', privilege }: Operation): string {
  if (privilege === null) return [description, 'For everybody.'].filter(Boolean).join(' ');
  const needed = [privilege ?? []].flat().map((one) => `\`${one}\``);
  const needs = needed.length > 0 ? `Needs the privilege ${needed.join(' or ')}.` : '';
  return [description, needs].filter(Boolean).join(' ');
}

/** Headers that OpenAPI describes elsewhere, by `content` and `security`. */
const ELSEWHERE = new Set(['Accept', 'Content-Type', 'Authorization']);

function parametersOf({ path, params, query, headers, examples }: Operation, components: Components): JsonObject[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const inPath = names.map((name) => [name, params?.shape[name] ?? z.string()] as const);
  const parameter = (part: 'path' | 'query' | 'header', name: string, schema: z.ZodType): JsonObject => {
    const { description, example, examples: _, ...rest } = components.inline(schema, 'input');
    const known = part === 'path' ? examples.find((one) => one.params?.[name])?.params?.[name] : example;
    return {
      name,
      in: part,
      ...((part === 'path' || !schema.safeParse(undefined).success) && { required: true }),
      ...(description !== undefined && { description }),
      ...(rest.type === 'array' && { style: 'form', explode: false }),
      schema: rest,
      ...(known !== undefined && { example: known }),
    };
  };
  return [
    ...inPath.map(([name, schema]) => parameter('path', name, schema as z.ZodType)),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => parameter('query', name, schema as z.ZodType)),
    ...Object.entries(headers?.shape ?? {})
      .filter(([name]) => !ELSEWHERE.has(name))
      .map(([name, schema]) => parameter('header', name, schema as z.ZodType)),
  ];
}

function requestBody(operation: Operation, { content, optional }: BodyDefinition, components: Components): JsonObject {
  const [first = 'application/json'] = Object.keys(content);
  return {
    required: optional !== true,
    content: Object.fromEntries(
      Object.entries(content).map(([media, schema]) => {
        const shown = operation.examples.filter((one) => one.body !== undefined && (one.media ?? first) === media);
        return [media, withExamples(components.schema(schema, 'input'), shown, ({ body }) => body)];
      }),
    ),
  };
}

function successes({ answers, examples }: Operation, components: Components): JsonObject {
  const entries = Object.entries(answers as Readonly<Record<string, AnswerDefinition>>);
  return Object.fromEntries(
    entries.map(([status, { description, schema, media = ['application/json'], headers }]) => {
      const shown = examples.filter((one) => String(one.status) === status);
      const described = schema && withExamples(components.schema(schema, 'output'), shown, ({ answer }) => answer);
      const texts = shown.filter(({ answer }) => typeof answer === 'string');
      const textual = withExamples({ type: 'string' }, texts, ({ answer }) => answer);
      const content = media.map((type) => [type, type.includes('json') ? described : textual]);
      return [
        status,
        {
          description,
          headers: { 'X-Request-Id': { $ref: '#/components/headers/RequestId' }, ...headersOf(headers, components) },
          ...(described && { content: Object.fromEntries(content) as JsonObject }),
        },
      ];
    }),
  );
}

function headersOf(headers: z.ZodObject | undefined, components: Components): JsonObject {
  return Object.fromEntries(
    Object.entries(headers?.shape ?? {}).map(([name, header]) => {
      const { description, ...schema } = components.inline(header as z.ZodType, 'output');
      const required = !(header as z.ZodType).safeParse(undefined).success;
      return [name, { ...(description !== undefined && { description }), ...(required && { required }), schema }];
    }),
  );
}

/** The failures of a status are one answer, which says the codes it may hold. */
function failures(operation: Operation, components: Components): JsonObject {
  const { failure } = operation.surface;
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(operation)) {
    const problem = toProblem(new HandoverError(code, ERRORS[code].title));
    const status = failure.status?.(problem) ?? problem.status;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const general = components.schema(failure.schema, 'output');
  const describeStatus = (codes: readonly ErrorCode[]): JsonObject => {
    const narrowed = { allOf: [general, { properties: { code: { enum: codes } } }] };
    const examples = codes.map((code) => [
      code,
      components.example(`${operation.surface.name}.${code}`, {
        summary: ERRORS[code].title,
        value: failure.render(toProblem(new HandoverError(code, ERRORS[code].title))),
      }),
    ]);
    return {
      description: codes.map((code) => ERRORS[code].title).join('; '),
      headers: { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } },
      content: {
        [failure.media]: {
          schema: failure.schema === problemSchema ? narrowed : general,
          examples: Object.fromEntries(examples) as JsonObject,
        },
      },
    };
  };
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, describeStatus(codes)]));
}

function withExamples(
  schema: JsonObject,
  shown: readonly Example[],
  valueOf: (example: Example) => unknown,
): JsonObject {
  const examples = shown.map((example, index) => [
    `example${index + 1}`,
    { summary: example.summary, value: valueOf(example) },
  ]);
  return { schema, ...(examples.length > 0 && { examples: Object.fromEntries(examples) as JsonObject }) };
}
