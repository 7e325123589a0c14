import { describe, expect, it } from 'vitest';
import { targetProblem } from './target-url.js';

const production = { allowLoopback: false };
const development = { allowLoopback: true };

describe('the url of a webhook', () => {
  it.each(['https://example.com/hook?x=1', 'http://example.com:8080', 'https://[2606:4700::1111]/', 'https://1.1.1.1'])(
    'may be %s',
    (url) => expect(targetProblem(url, production)).toBeUndefined(),
  );

  it.each([
    ['hook', 'must be an absolute URL'],
    ['ftp://example.com/', 'must be an http or https URL'],
    ['javascript:alert(1)', 'must be an http or https URL'],
    ['https://user@example.com/', 'must not contain a user name or password'],
    ['https://:password@example.com/', 'must not contain a user name or password'],
    ['http://10.0.0.1/', 'must point to a public address'],
    ['http://[fd00::1]:8080/', 'must point to a public address'],
    ['http://169.254.169.254/latest/meta-data', 'must point to a public address'],
  ])('is refused in every mode: %s', (url, problem) => {
    expect(targetProblem(url, production)).toBe(problem);
    expect(targetProblem(url, development)).toBe(problem);
  });

  it.each([
    'http://localhost:3000/',
    'http://LOCALHOST/',
    'http://localhost./',
    'http://api.localhost/',
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
  ])('may point to this machine in development only: %s', (url) => {
    expect(targetProblem(url, production)).toMatch(/^must (not point to this machine|point to a public address)$/);
    expect(targetProblem(url, development)).toBeUndefined();
  });

  it('may have a name that only looks local', () => {
    expect(targetProblem('https://localhost.example.com/', production)).toBeUndefined();
    expect(targetProblem('https://notlocalhost/', production)).toBeUndefined();
  });
});
