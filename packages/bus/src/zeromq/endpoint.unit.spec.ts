import { describe, expect, test } from 'vitest';
import { isLocal, parseEndpoint } from './endpoint.js';

describe('endpoint', () => {
  test.each([
    ['ipc:///run/handover/engine', true],
    ['tcp://127.0.0.1:5000', true],
    ['tcp://127.9.9.9:5000', true],
    ['tcp://[::1]:5000', true],
    ['tcp://localhost:5000', true],
    ['tcp://10.0.0.1:5000', false],
    ['tcp://0.0.0.0:5000', false],
    ['tcp://[::]:5000', false],
    ['tcp://*:5000', false],
    ['tcp://engine:5000', false],
    ['tcp://127.0.0.1.example.org:5000', false],
  ])('%s is on this machine alone: %s', (address, local) => {
    expect(isLocal(parseEndpoint('engine', address))).toBe(local);
  });

  test.each([
    ['ipc://relative', 'absolute'],
    ['ipc://@abstract', 'absolute'],
    [`ipc:///${'x'.repeat(107)}`, 'path of 108 bytes'],
    ['tcp://127.0.0.1', 'expected'],
    ['tcp://127.0.0.1:123456', 'expected'],
    ['http://127.0.0.1:80', 'expected'],
    ['', 'expected'],
  ])('refuses %s, naming the service', (address, reason) => {
    expect(() => parseEndpoint('engine', address)).toThrow(reason);
    expect(() => parseEndpoint('engine', address)).toThrow('"engine"');
  });
});
