/** A finger on the list. */
import { describe, expect, it } from 'vitest';
import { DEEP, Gesture, type Ground, SLOP } from '../src/touch/gesture.ts';

const PHONE = 360;
const BOTH: Ground = { width: PHONE, ways: ['left', 'right'], pullable: true };

function finger(ground: Partial<Ground> = {}, x = 180): Gesture {
  return new Gesture(x, 300, { ...BOTH, ...ground }, PHONE);
}

describe('a finger on the list', () => {
  it('may tremble without meaning anything', () => {
    const hand = finger();
    expect(hand.move(184, 303)).toBe('still');
    expect(hand.shift).toBe(0);
    expect(hand.armed).toBe(false);
  });

  it('pushes a row, which follows and acts only from far enough on', () => {
    const hand = finger();
    expect(hand.move(200, 302)).toBe('swipe');
    expect(hand.shift).toBe(20 - SLOP);
    expect([hand.way, hand.armed]).toEqual(['right', false]);
    hand.move(180 + 108 + SLOP - 1, 302);
    expect(hand.armed).toBe(false);
    hand.move(180 + 108 + SLOP, 302);
    expect(hand.armed).toBe(true);
    // Back again: it springs back instead.
    hand.move(190, 302);
    expect(hand.armed).toBe(false);
  });

  it('acts to the other side once the finger went there', () => {
    const hand = finger();
    hand.move(200, 300);
    hand.move(40, 300);
    expect([hand.way, hand.armed, hand.shift]).toEqual(['left', true, -140 + SLOP]);
  });

  it('is within reach of a thumb on a wide screen', () => {
    const hand = new Gesture(300, 300, { ...BOTH, width: 719 }, 719);
    hand.move(300 + 120 + SLOP, 300);
    expect(hand.armed).toBe(true);
  });

  it('leaves scrolling to the browser, slanted and for good', () => {
    const hand = finger();
    expect(hand.move(188, 290)).toBe('lost');
    expect(hand.move(330, 290)).toBe('lost');
    expect([hand.shift, hand.way, hand.armed]).toEqual([0, null, false]);
    expect(finger().move(195, 312)).not.toBe('swipe');
  });

  it('stays out of ways that do nothing', () => {
    expect(finger({ ways: ['left'] }).move(220, 300)).toBe('lost');
    const hand = finger({ ways: ['left'] });
    hand.move(150, 300);
    hand.move(300, 300);
    expect([hand.step, hand.shift, hand.way]).toEqual(['swipe', 0, null]);
    expect(finger({ ways: [] }).move(100, 300)).toBe('lost');
  });

  it('never pushes a row further than its width', () => {
    const hand = finger({ width: 100 });
    hand.move(340, 300);
    expect(hand.shift).toBe(100);
  });

  it('leaves the edges to the system', () => {
    for (const x of [3, 357]) expect(finger({}, x).move(180, 300)).toBe('lost');
  });

  it('pulls the list at its top, slower than the finger, and asks anew from deep enough on', () => {
    const hand = finger();
    expect(hand.move(182, 320)).toBe('pull');
    hand.move(182, 300 + SLOP + 2 * DEEP - 2);
    expect(hand.armed).toBe(false);
    hand.move(182, 300 + SLOP + 2 * DEEP);
    expect(hand.armed).toBe(true);
    hand.move(182, 900);
    expect(hand.shift).toBe(96);
    hand.move(182, 250);
    expect([hand.shift, hand.armed]).toEqual([0, false]);
  });

  it('does not pull a list that is scrolled, nor upwards', () => {
    expect(finger({ pullable: false }).move(180, 340)).toBe('lost');
    expect(finger().move(180, 260)).toBe('lost');
  });

  it('is over when something else came between', () => {
    const hand = finger();
    hand.move(300, 300);
    hand.lose();
    expect([hand.move(350, 300), hand.shift, hand.armed]).toEqual(['lost', 0, false]);
  });
});
