import { describe, expect, it } from 'vitest';

import type { ActionEvent } from './event.js';
import { isSealed, seal, sealSkipped } from './seal.js';

const timestamp = '2020-01-01T00:00:00.000Z';
const unsealed = { previous: '00', timestamp, action: 'x', actor: { key: 'actor' }, skipped: false };
const errors = ["Action 'x' is not allowed in state 'initial'"];

// The hashes are those of process-semantics §6.
describe('seal', () => {
  it('hashes an instantiate event', () => {
    const event = {
      id: 'b2d39a1f-88bb-450e-95c5-feeffe95abe6',
      timestamp,
      scenario: '57ad0e5b-9c5a-57f2-83da-f895a91ff3d8',
    };

    expect(seal(event).hash).toBe('59a561564c540fea36b77dfc806cec9f88b9a591ffa0f639a71341ad558b2f71');
  });

  it('hashes an action event', () => {
    const event = { ...unsealed, action: 'complete' };

    expect(seal(event).hash).toBe('3c2bd0610ab75e585267df5f9430e4d15aab5eba3018ea1d811d80b579032317');
  });
});

describe('sealSkipped', () => {
  it('hashes a refusal with its first hash inside', () => {
    const accepted: ActionEvent = seal(unsealed);
    const skipped = sealSkipped(accepted, errors);

    expect(accepted.hash).toBe('de3e6e0065ec2cd40ef19076e598a484fc6956376a4fb89b8909ee160ca8e2f9');
    expect(skipped).toMatchObject({ skipped: true, errors });
    expect(skipped.hash).toBe('92a663f10341cc2ab6e2c4e0d9c42f8912779f379c2d28b832928a089d8f08f5');
  });
});

describe('isSealed', () => {
  const skipped = sealSkipped(seal(unsealed), errors);
  const clean = { ...skipped, hash: 'c80f705604b13131273dbdf84df76084261ced19ddafecc0147b84365b663b4f' };

  it.each([
    ['an event as it was made', seal(unsealed), true],
    ['a refusal hashed twice', skipped, true],
    ['a refusal hashed once', clean, true],
    ['another action', { ...seal(unsealed), action: 'y' }, false],
    ['other errors', { ...skipped, errors: [] }, false],
    ['a refusal made to look accepted', { ...skipped, skipped: false }, false],
    ['an accepted event made to look refused', { ...seal(unsealed), skipped: true }, false],
  ])('given %s, says so', (_, event, expected) => {
    expect(isSealed(event)).toBe(expected);
  });
});
