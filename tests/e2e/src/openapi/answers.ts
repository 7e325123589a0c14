import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { DOCUMENT, operationAt } from './document.js';

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
formats.default(ajv);
ajv.addSchema(DOCUMENT, 'openapi');

interface Described {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, unknown>>;
}
type Paths = Readonly<
  Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Described>> }>>>
>;

/** Failures of an address rather than of an operation: they are in no operation's description. */
const OF_THE_ADDRESS = new Set([404, 405]);

/**
 * Holds an answer against the OpenAPI document: its status, media type, headers and body.
 * @throws Error saying what is not as described
 */
export async function checkAnswer(method: string, path: string, answer: Response): Promise<void> {
  // Headers that are too large are refused by the HTTP server, before there is a request.
  if (answer.status === 431) return;
  const operation = operationAt(method, path);
  const where = `${method} ${path} answered ${answer.status}`;
  if (!operation) {
    if (OF_THE_ADDRESS.has(answer.status) || method === 'OPTIONS') return;
    throw new Error(`${where}, though no operation is at this address`);
  }
  const responses = (DOCUMENT.paths as Paths)[operation.path]?.[operation.method]?.responses ?? {};
  const described = responses[String(answer.status)];
  if (!described) throw new Error(`${where}, which is not among ${Object.keys(responses).join(', ')}`);
  for (const [name, { required = false }] of Object.entries(described.headers ?? {})) {
    if (required && !answer.headers.has(name)) throw new Error(`${where} without the header ${name}`);
  }
  const location = answer.headers.get('location');
  if (location !== null && !operationAt('GET', location))
    throw new Error(`${where} and sends on to ${location}, where nothing can be read`);
  const media = (answer.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
  // A stream has no end to wait for.
  if (media === 'text/event-stream') return;
  const body = await answer.clone().text();
  if (!described.content) {
    if (body !== '') throw new Error(`${where} with a body, which is not described: ${body}`);
    return;
  }
  if (!(media in described.content)) {
    throw new Error(`${where} as '${media}', not as ${Object.keys(described.content).join(' or ')}: ${body}`);
  }
  if (method === 'HEAD' || !media.endsWith('json')) return;
  const pointer = ['paths', operation.path, operation.method, 'responses', answer.status, 'content', media, 'schema'];
  const validate = validatorAt(pointer.map(String));
  if (!validate(JSON.parse(body))) {
    throw new Error(`${where} with a body that is not as described: ${ajv.errorsText(validate.errors)}\n${body}`);
  }
}

const compiled = new Map<string, ReturnType<typeof ajv.compile>>();

function validatorAt(pointer: readonly string[]): ReturnType<typeof ajv.compile> {
  const steps = pointer.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')));
  const $ref = `openapi#/${steps.join('/')}`;
  const validate = compiled.get($ref) ?? ajv.compile({ $ref });
  compiled.set($ref, validate);
  return validate;
}
