import { ERRORS, REST, type Operation } from '@handover/contracts';
import { expect, it } from 'vitest';

/** What a client needs of the contracts while it runs, without the schemas: a hundredth of their size. */
function lines(): string {
  const groups = Object.entries<Readonly<Record<string, Operation>>>(REST).map(([group, operations]) => {
    const entries = Object.entries(operations).map(([name, operation]) => `    ${name}: ${lineOf(operation)},\n`);
    return `  ${group}: {\n${entries.join('')}  },\n`;
  });
  const retries = Object.entries(ERRORS).filter(([, { retry }]) => retry !== 'never');
  return `${HEADER}export const OPERATIONS = {
${groups.join('')}} as const satisfies Readonly<Record<string, Readonly<Record<string, OperationLine>>>>;

/** Codes of failures that may pass. */
export const RETRY = {
${retries.map(([code, { retry }]) => `  ${code}: '${retry}',\n`).join('')}} as const;
`;
}

function lineOf({ method, path, headers, body }: Operation): string {
  const isCommand = headers !== undefined && 'Idempotency-Key' in headers.shape;
  const media = Object.keys(body?.content ?? {});
  const isOneOfSeveral = media.some((one) => one !== 'application/json');
  const kind = [...(isCommand ? ['command'] : []), ...(isOneOfSeveral ? ['media'] : [])];
  return `['${method.toUpperCase()}', '${path}', [${kind.map((one) => `'${one}'`).join(', ')}]]`;
}

const HEADER = `/**
 * Made from the operations of packages/contracts by operations.unit.spec.ts; \`npm test -- --project unit operations.unit -u\` writes it anew.
 */

/** Method, path, and what is special: a command carries an idempotency key, a body of several media names its own. */
export type OperationLine = readonly [method: string, path: string, kind: readonly ('command' | 'media')[]];

`;

it('the operations are those of the contracts', async () => {
  await expect(lines()).toMatchFileSnapshot('operations.ts');
});
