export { type ProvisionOptions, provision, type ServiceAccess, type ServiceCredentials } from './provision.js';
export { inspectServer, type Server } from './server.js';
