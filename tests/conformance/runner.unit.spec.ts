import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { describe as inWords, diff } from './src/diff.js';
import { findVectors, runVector } from './src/vectors.js';

describe('diff', () => {
  it('compares as JSON: order, undefined members and dates aside', () => {
    expect(
      diff('p', { a: 1, b: '2026-01-01T00:00:00.000Z' }, { b: new Date('2026-01-01'), a: 1, c: undefined }),
    ).toEqual([]);
  });

  it('names every place that differs', () => {
    expect(diff('p', { a: [1, 2], 'b/c': 1, d: {} }, { a: [1, 3, 4], d: [] })).toEqual([
      { path: 'p/a/1', expected: 2, actual: 3 },
      { path: 'p/a/2', expected: undefined, actual: 4 },
      { path: 'p/b~1c', expected: 1, actual: undefined },
      { path: 'p/d', expected: {}, actual: [] },
    ]);
    expect(inWords({ path: 'p/a', expected: 2, actual: undefined })).toBe('p/a\n  expected 2\n  got      nothing');
  });
});

describe('a vector', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'conformance-'));
    mkdirSync(join(folder, 'set/yaml'), { recursive: true });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const vector = (content: string) => {
    const path = join(folder, 'set/yaml/case.json');
    writeFileSync(path, content);
    return path;
  };

  it('is found in a folder named like its kind; an index beside is not', () => {
    writeFileSync(join(folder, 'set/index.json'), '[]');
    const path = vector('{}');
    expect(findVectors(folder)).toEqual([path]);
  });

  it('passes or fails by what it expects', () => {
    expect(runVector(vector('{"yaml": "a: 1", "expect": {"a": 1}}'))).toEqual([]);
    expect(runVector(vector('{"yaml": "a: 1", "expect": {"a": 2}}'))).toHaveLength(1);
    expect(runVector(vector('{"yaml": "a: 1", "error": true}'))).toHaveLength(1);
    expect(runVector(vector('{"yaml": "a: [", "expect": {}}'))).toHaveLength(1);
  });

  it('that cannot be read fails', () => {
    expect(runVector(vector('no json'))).toHaveLength(1);
  });
});
