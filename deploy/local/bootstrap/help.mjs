export const help = `Handover on this machine

  npm start            start the platform; Ctrl-C stops it
  npm test             all tests; npm test -- <file or vitest option> ...
  npm run check        what CI checks: format and lint, types, tests
  npm run build        dependencies and build only
  npm run conformance -- DIR...   golden vectors of the language below the folders
  npm run faults                  engines and brokers killed and raced, at length
  npm run load                    the platform and its bus under load
  npm run load:core               what a step of the pure core costs

npm start is configured by environment variables:

  PORT            port of the REST API; 0 takes any free one        3000
  HOST            address it listens on                             127.0.0.1
  HANDOVER_DATA   where data, secrets and logs are kept             .handover
  DATABASE_URL    admin URL of a Postgres 15 or newer to use        a Postgres of its own
                  instead of the built-in one
  AMQP_URL        RabbitMQ 3.10 or newer to use as message bus      built-in bus (ZeroMQ)
  LOG             stdout shows all log lines here                   warnings and errors only
  LOG_LEVEL       trace, debug, info, warn, error                   info

Variables of the services, such as DEFAULT_ACCOUNT or WEBHOOK_SCHEDULE, are passed on to them.`;
