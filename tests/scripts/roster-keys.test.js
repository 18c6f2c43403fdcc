// @ts-check
// Which bar an arrow key leads to.

import assert from "node:assert/strict";
import { test } from "node:test";

import { neighbour } from "../../web/static/roster-keys.js";

/** No element is needed: the bars are told apart by identity alone. */
const element = (/** @type {string} */ name) => /** @type {HTMLElement} */ (/** @type {unknown} */ ({ name }));
const [early, late, off, below, last] = ["early", "late", "off", "below", "last"].map(element);

/**
 * @param {[Instant, Instant, HTMLElement][]} bars @param {[Instant, Instant, HTMLElement][]} [away]
 * @returns {Row}
 */
function row(bars, away = []) {
  const made = (/** @type {[Instant, Instant, HTMLElement]} */ [start, end, el]) => ({ start, end, el });
  return /** @type {Row} */ (/** @type {unknown} */ ({ bars: bars.map(made), away: away.map(made) }));
}

const ROWS = [row([[0, 10, early], [30, 40, late]], [[15, 20, off]]), row([]), row([[0, 12, below], [28, 50, last]])];

test("along a row by time, time off among the shifts", () => {
  assert.equal(neighbour(ROWS, early, "ArrowRight"), off);
  assert.equal(neighbour(ROWS, late, "ArrowLeft"), off);
  assert.equal(neighbour(ROWS, early, "ArrowLeft"), undefined);
  assert.equal(neighbour(ROWS, off, "Home"), early);
  assert.equal(neighbour(ROWS, off, "End"), late);
});

test("up and down to the nearest in time, over rows without any", () => {
  assert.equal(neighbour(ROWS, late, "ArrowDown"), last);
  assert.equal(neighbour(ROWS, below, "ArrowUp"), early);
  assert.equal(neighbour(ROWS, early, "ArrowUp"), null);
});

test("other keys, and bars that are gone, lead nowhere", () => {
  assert.equal(neighbour(ROWS, early, "a"), null);
  assert.equal(neighbour(ROWS, element("gone"), "ArrowRight"), null);
});
