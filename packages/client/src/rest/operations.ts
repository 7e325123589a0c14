/**
 * Made from the operations of packages/contracts by operations.unit.spec.ts; `npm test -- --project unit operations.unit -u` writes it anew.
 */

/** Method, path, and what is special: a command carries an idempotency key, a body of several media names its own. */
export type OperationLine = readonly [method: string, path: string, kind: readonly ('command' | 'media')[]];

export const OPERATIONS = {
  system: {
    root: ['GET', '/', []],
    info: ['GET', '/info', []],
    demoAccounts: ['GET', '/demo-accounts', []],
  },
  scenarios: {
    list: ['GET', '/scenarios', []],
    store: ['POST', '/scenarios', ['command', 'media']],
    read: ['GET', '/scenarios/{id}', []],
    disable: ['DELETE', '/scenarios/{id}', ['command']],
  },
  processes: {
    start: ['POST', '/processes', ['command']],
    read: ['GET', '/processes/{id}', []],
    events: ['GET', '/processes/{id}/events', []],
    verify: ['GET', '/processes/{id}/verify', []],
    rebuild: ['POST', '/processes/{id}/snapshot/rebuild', []],
    step: ['POST', '/processes/{id}/{action}', ['command', 'media']],
    list: ['GET', '/processes', []],
  },
  apiKeys: {
    list: ['GET', '/apikey', []],
    issue: ['POST', '/apikey', []],
    revoke: ['DELETE', '/apikey/{id}', []],
  },
  commands: {
    read: ['GET', '/commands/{id}', []],
  },
  deliveries: {
    list: ['GET', '/deliveries', []],
    get: ['GET', '/deliveries/{id}', []],
    retry: ['POST', '/deliveries/{id}/retry', []],
    retryMany: ['POST', '/deliveries/retry', []],
    retryOfProcess: ['POST', '/processes/{id}/notifications/retry', ['command']],
  },
  diagrams: {
    ofScenario: ['GET', '/scenarios/{id}/diagram', []],
    ofProcess: ['GET', '/processes/{id}/diagram', []],
  },
  documentation: {
    document: ['GET', '/openapi.json', []],
    page: ['GET', '/api-docs', []],
    asset: ['GET', '/api-docs/{asset}', []],
  },
  documents: {
    asyncapi: ['GET', '/asyncapi.json', []],
  },
  incidents: {
    list: ['GET', '/incidents', []],
    retryMany: ['POST', '/incidents/retry', []],
    retry: ['POST', '/incidents/{id}/retry', []],
  },
  migrations: {
    start: ['POST', '/migrations', ['command']],
    list: ['GET', '/migrations', []],
    get: ['GET', '/migrations/{id}', []],
    processes: ['GET', '/migrations/{id}/processes', []],
  },
  schemas: {
    list: ['GET', '/schemas', []],
    get: ['GET', '/schemas/{id}', []],
    put: ['PUT', '/schemas/{id}', ['media']],
    delete: ['DELETE', '/schemas/{id}', []],
  },
  services: {
    list: ['GET', '/services', []],
    get: ['GET', '/services/{name}', []],
    put: ['PUT', '/services/{name}', []],
    delete: ['DELETE', '/services/{name}', []],
  },
  webhooks: {
    create: ['POST', '/webhooks', []],
    list: ['GET', '/webhooks', []],
    get: ['GET', '/webhooks/{id}', []],
    update: ['PATCH', '/webhooks/{id}', []],
    rotateSecret: ['POST', '/webhooks/{id}/rotate-secret', []],
    ping: ['POST', '/webhooks/{id}/ping', []],
    delete: ['DELETE', '/webhooks/{id}', []],
    keys: ['GET', '/.well-known/jwks.json', []],
  },
  assetProcesses: {
    listDefinitions: ['GET', '/v1/processes', []],
    getDefinition: ['GET', '/v1/processes/{id}', []],
    createDefinition: ['POST', '/v1/processes', []],
    deleteDefinition: ['DELETE', '/v1/processes/{id}', []],
    start: ['POST', '/v1/processes/{process_id}/start', ['command']],
    listInstances: ['GET', '/v1/processes/instances', []],
    getInstance: ['GET', '/v1/processes/instances/{id}', []],
    advance: ['POST', '/v1/processes/instances/{instance_id}/advance', ['command']],
    cancel: ['POST', '/v1/processes/instances/{instance_id}/cancel', ['command']],
  },
  assets: {
    list: ['GET', '/v1/assets', []],
    create: ['POST', '/v1/assets', []],
    get: ['GET', '/v1/assets/{id}', []],
    change: ['PATCH', '/v1/assets/{id}', []],
  },
  caseWorkflows: {
    createCase: ['POST', '/cases', []],
    getCase: ['GET', '/cases/{caseId}', []],
    createParameters: ['POST', '/parameters', []],
    run: ['POST', '/workflows/run', ['command']],
    status: ['GET', '/workflows/{workflowId}', []],
    result: ['GET', '/workflows/{workflowId}/result', []],
  },
  workflowRecords: {
    list: ['GET', '/internal/v1/instances/{instance_id}/workflows', []],
    create: ['POST', '/internal/v1/instances/{instance_id}/workflows', ['command']],
    get: ['GET', '/internal/v1/instances/{instance_id}/workflows/{id}', []],
    advance: ['PATCH', '/internal/v1/instances/{instance_id}/workflows/{id}', ['command']],
    suspend: ['POST', '/internal/v1/instances/{instance_id}/workflows/{id}/suspend', ['command']],
    resume: ['POST', '/internal/v1/instances/{instance_id}/workflows/{id}/resume', ['command']],
  },
  workflowDashboard: {
    list: ['GET', '/v1/workflows', []],
    suspended: ['GET', '/v1/workflows/suspended', []],
    get: ['GET', '/v1/workflows/{id}', []],
    abort: ['POST', '/v1/workflows/{id}/abort', ['command']],
    resume: ['POST', '/v1/workflows/{id}/resume', ['command']],
    suspend: ['POST', '/v1/workflows/{id}/suspend', ['command']],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, OperationLine>>>>;

/** Codes of failures that may pass. */
export const RETRY = {
  idempotency_in_flight: 'retry-after',
  version_conflict: 'retry',
  rate_limited: 'retry-after',
  internal: 'retry',
  unavailable: 'retry-after',
  timeout: 'retry',
} as const;
