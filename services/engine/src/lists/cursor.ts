import { HandoverError } from '@handover/contracts';
import { z } from 'zod';
import { describeOrder, type Order, type Place } from './order.js';

const wire = z.tuple([z.string(), z.enum(['after', 'before']), z.array(z.string().max(300)).max(5), z.uuid()]);
const instant = z.iso.datetime({ offset: true });

/** A cursor as callers pass it back: opaque to them, and good for the same order only. It opens nothing: filters still hold. */
export function toCursor(order: Order, { direction, values, id }: Place): string {
  return Buffer.from(JSON.stringify([describeOrder(order), direction, values, id])).toString('base64url');
}

/** @throws HandoverError `invalid_request` when it is not a cursor of a list in this order */
export function fromCursor(order: Order, cursor: string): Place {
  const parsed = wire.safeParse(readJson(cursor));
  if (!parsed.success) throw invalid('is not a cursor of a list of processes');
  const [described, direction, values, id] = parsed.data;
  if (described !== describeOrder(order) || values.length !== order.length) {
    throw invalid('belongs to a list in another order');
  }
  const isSound = order.every(({ key }, at) => key === 'title' || instant.safeParse(values[at]).success);
  if (!isSound || values.some((value) => value.includes('\0'))) throw invalid('is not a cursor of a list of processes');
  return { direction, values, id };
}

function readJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}

const invalid = (detail: string): HandoverError =>
  new HandoverError('invalid_request', 'The cursor is not valid', { errors: [{ pointer: '/cursor', detail }] });
