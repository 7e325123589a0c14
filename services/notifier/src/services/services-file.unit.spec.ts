import { describe, expect, it } from 'vitest';
import { readServices } from './services-file.js';

const FILE = `
services:
  mail: {provider: amqp, url: amqp://broker/, routingKey: mail}
  mailRoom: {provider: webhook, url: https://example.com/}
tenants:
  acme:
    services:
      mail: {provider: zeromq, address: tcp://worker:5555}
`;

describe('the services of the configuration', () => {
  it('are every tenant’s, or one tenant’s own, which comes first', () => {
    const services = readServices(FILE, {});
    expect(services.find('other', 'mail')).toMatchObject({ provider: 'amqp', routingKey: 'mail' });
    expect(services.find('acme', 'mail')).toMatchObject({ provider: 'zeromq', address: 'tcp://worker:5555' });
    expect([...services.of('acme').keys()].sort()).toEqual(['mail', 'mailRoom']);
    expect(services.find('acme', 'fax')).toBeUndefined();
  });

  it('have properties set by the environment; the longest name that is configured wins', () => {
    const services = readServices(FILE, {
      SERVICE_MAIL_URL: 'amqp://elsewhere/',
      SERVICE_MAIL_ROOM_TIMEOUT: '500',
      SERVICE_MAIL_REPLY_TO: 'answers',
      SERVICE_FAX_URL: 'https://example.com/',
      SERVICE_MAIL_APP_ID: '',
    });
    expect(services.find('other', 'mail')).toMatchObject({
      url: 'amqp://elsewhere/',
      replyTo: 'answers',
      appId: 'letsflow',
    });
    expect(services.find('other', 'mailRoom')).toMatchObject({ timeout: 500 });
    expect(services.shared.has('fax')).toBe(false);
  });

  it.each([
    ['is neither YAML nor JSON', 'services: [', /neither YAML nor JSON/],
    ['has no such provider', 'services: {mail: {provider: pigeon}}', /services\.mail\.provider/],
    [
      'has an option nobody knows',
      'services: {mail: {provider: webhook, url: "https://a.b/", s3cret: x}}',
      /services\.mail/,
    ],
  ])('are refused when the file %s, without its values', (_, text, complaint) => {
    expect(() => readServices(text, {})).toThrow(complaint);
    expect(() => readServices(text, {})).not.toThrow(/pigeon/);
  });
});
