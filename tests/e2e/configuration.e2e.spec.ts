import { authConfig } from '@handover/auth/in-process';
import { engineConfig } from '@handover/engine/in-process';
import { gatewayConfig } from '@handover/gateway/in-process';
import { notifierConfig } from '@handover/notifier/in-process';
import { commonConfig, configTable, configVariables } from '@handover/runtime';
import { describe, expect, it } from 'vitest';

const SERVICES = { gateway: gatewayConfig, engine: engineConfig, auth: authConfig, notifier: notifierConfig };

/** The page of all variables, made from the schemas that read them. */
function page(): string {
  const common = configVariables(commonConfig);
  const commonNames = new Set(common.map(({ name }) => name));
  const sections = Object.entries(SERVICES).map(([name, schema]) => {
    const own = configVariables(schema).filter((variable) => !commonNames.has(variable.name));
    return `## ${name}\n\n${configTable(own)}`;
  });
  return `# Configuration

Every service reads its environment and nothing else. \`NAME_FILE\` names a file that holds the value of \`NAME\`, such as a mounted secret; an
empty variable counts as absent. A wrong value stops the start with exit code 78 and names the variable. \`node dist/main.js --print-config\` shows
what a service would run with, secrets masked, and \`--help\` lists what it understands.

This page is made from the schemas that read the variables (\`tests/e2e/configuration.e2e.spec.ts\`; \`vitest -u\` writes it anew).

## Every service

${configTable(common)}

${sections.join('\n\n')}
`;
}

describe('the page of all variables', () => {
  it('says what the schemas say', async () => {
    await expect(page()).toMatchFileSnapshot('../../deploy/configuration.md');
  });

  it.each(Object.entries(SERVICES))('describes every variable of %s', (_, schema) => {
    const silent = configVariables(schema).filter(({ description }) => description === '');
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});
