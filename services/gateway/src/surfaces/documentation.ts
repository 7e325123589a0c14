import {
  HandoverError,
  OPERATIONS,
  asyncApiDocument,
  documentOperations,
  documentationOperations as operations,
  openApi,
} from '@handover/contracts';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { implement, type Implementation } from '../http/operation.js';
import type { SystemInfo } from '@handover/contracts';

/** The page may load what comes from here and nothing else. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Swagger UI sets style attributes.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Handover API</title>
    <link rel="icon" href="api-docs/favicon-32x32.png" type="image/png">
    <link rel="stylesheet" href="api-docs/swagger-ui.css">
  </head>
  <body>
    <main id="api"></main>
    <script src="api-docs/swagger-ui-bundle.js"></script>
    <script src="api-docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#api',
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null,
});
`;

/** The files of the package that are served, by media type. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const KEPT = { 'Cache-Control': 'public, max-age=3600', 'X-Content-Type-Options': 'nosniff' };

/** `/openapi.json`, `/asyncapi.json` and `/api-docs`: the operations and the messages as documents, and a page to read and try them; all of it served from here. */
export function documentation({
  name,
  version,
  description,
}: Pick<SystemInfo, 'name' | 'version' | 'description'>): readonly Implementation[] {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const document = JSON.stringify(openApi(OPERATIONS, { title: name, version, description }));
  const asyncapi = asyncApiDocument(version);
  const file = (body: string | Buffer, type: string): { response: Response } => ({
    response: new Response(typeof body === 'string' ? body : new Uint8Array(body), {
      headers: { 'Content-Type': type, ...KEPT },
    }),
  });
  return [
    implement(operations.document, async () => file(document, 'application/json')),

    implement(documentOperations.asyncapi, async () => ({ status: 200, body: asyncapi })),

    implement(operations.page, async () => ({
      response: new Response(PAGE, {
        headers: {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': PAGE_POLICY,
          'Referrer-Policy': 'no-referrer',
          'X-Content-Type-Options': 'nosniff',
        },
      }),
    })),

    implement(operations.asset, async ({ params: { asset } }) => {
      if (asset === 'start.js') return file(START, 'text/javascript; charset=utf-8');
      const type = Object.hasOwn(ASSETS, asset) ? ASSETS[asset] : undefined;
      if (type === undefined) throw new HandoverError('not_found', `The documentation has no part called '${asset}'`);
      return file(await readFile(join(folder, asset)), type);
    }),
  ];
}
