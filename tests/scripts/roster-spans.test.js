// @ts-check
// Marking a time: by dragging, with the handles, by a tap.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { nearest, ordered, pack, percent, scale } from "../../web/static/roster-geometry.js";
import { dragged, keyed, pulled, tapped } from "../../web/static/roster-spans.js";
import { addDays, HOUR, minutes } from "../../web/static/roster-time.js";
import { inRome, span } from "./support.js";

beforeEach(inRome);

/** Two weeks from a Monday; `from` is their first day. */
function fortnight(from = "2026-06-01") {
  const start = minutes(from);
  return scale(start, addDays(start, 14), Array.from({ length: 15 }, (_, index) => addDays(start, index)));
}

test("days are equally wide, also one of 25 hours", () => {
  const { share, at } = fortnight("2026-10-19");
  assert.equal(percent(share(minutes("2026-10-26"))), "50.0000%");
  for (const text of ["2026-10-24", "2026-10-25", "2026-10-25T12:00"]) assert.equal(at(share(minutes(text))), minutes(text));
  assert.equal(share(minutes("2026-01-01")), 0);
  assert.equal(share(minutes("2027-01-01")), 1);
});

test("a new mark may be drawn either way, and has a step at least", () => {
  const drag = { edge: null, anchor: minutes("2026-06-03T18:10") };
  const to = (/** @type {string} */ time) => dragged(drag, fortnight(), minutes(time), 30);
  assert.deepEqual(to("2026-06-03T20:20"), span("2026-06-03T18:00", "2026-06-03T20:30"));
  assert.deepEqual(to("2026-06-03T16:05"), span("2026-06-03T16:00", "2026-06-03T18:00"));
  assert.deepEqual(to("2026-06-03T18:12"), span("2026-06-03T18:00", "2026-06-03T18:30"));
});

test("an edge stops a step before the other one, and at the board's end", () => {
  const anchor = minutes("2026-06-03T18:00");
  const at = (/** @type {Edge} */ edge, /** @type {string} */ time) => dragged({ edge, anchor }, fortnight(), minutes(time), 30);
  assert.deepEqual(at("start", "2026-06-03T20:00"), span("2026-06-03T17:30", "2026-06-03T18:00"));
  assert.deepEqual(at("start", "2026-05-01T00:00"), span("2026-06-01T00:00", "2026-06-03T18:00"));
  assert.deepEqual(at("end", "2026-06-03T12:00"), span("2026-06-03T18:00", "2026-06-03T18:30"));
  assert.deepEqual(at("end", "2026-07-01T00:00"), span("2026-06-03T18:00", "2026-06-15T00:00"));
});

test("handles keep their order and stay on the board", () => {
  const limits = span("2026-06-01", "2026-06-15");
  const held = span("2026-06-03T18:00", "2026-06-03T20:00");
  assert.deepEqual(pulled(held, "start", minutes("2026-06-04"), 30, limits), span("2026-06-03T19:30", "2026-06-03T20:00"));
  assert.deepEqual(pulled(held, "end", minutes("2026-06-02"), 5, limits), span("2026-06-03T18:00", "2026-06-03T18:05"));
  assert.deepEqual(pulled(held, "end", minutes("2026-06-20"), 30, limits), span("2026-06-03T18:00", "2026-06-15"));
});

test("keys move a handle by half an hour, finely by five minutes, by a day of the calendar", () => {
  const at = minutes("2026-10-24T18:00");
  assert.deepEqual(keyed(at, "ArrowRight", false), { at: at + 30, least: 30 });
  assert.deepEqual(keyed(at, "ArrowDown", true), { at: at - 5, least: 5 });
  assert.deepEqual(keyed(at, "PageUp", false), { at: minutes("2026-10-25T18:00"), least: 30 });
  assert.deepEqual(keyed(at, "PageDown", true), { at: minutes("2026-10-23T18:00"), least: 30 });
  assert.equal(keyed(at, "Tab", false), null);
});

test("a tap marks the shift's part of that day, or twelve hours", () => {
  const shift = span("2026-06-01T09:00", "2026-06-08T09:00");
  assert.deepEqual(tapped(minutes("2026-06-03T15:00"), shift, fortnight()), span("2026-06-03", "2026-06-04"));
  assert.deepEqual(tapped(minutes("2026-06-01T15:00"), shift, fortnight()), span("2026-06-01T09:00", "2026-06-02"));
  assert.deepEqual(tapped(minutes("2026-06-03T15:20"), null, fortnight()), span("2026-06-03T09:00", "2026-06-03T21:00"));
  assert.deepEqual(tapped(minutes("2026-06-01T01:00"), null, fortnight()), span("2026-06-01", "2026-06-01T12:00"));
});

test("a span of two ends in any order, within limits", () => {
  assert.deepEqual(ordered(120, 60, 30, 0, 1440), { start: 60, end: 120 });
  assert.deepEqual(ordered(1440, 1440, 30, 0, 1440), { start: 1410, end: 1440 });
});

test("bars that overlap get lanes of their own", () => {
  /** @type {(Span & { lane?: number })[]} */
  const bars = [{ start: 0, end: 10 }, { start: 5, end: 15 }, { start: 10, end: 20 }];
  assert.equal(pack(bars), 2);
  assert.deepEqual(bars.map(({ lane }) => lane), [0, 1, 0]);
  assert.equal(pack([]), 1);
});

test("the nearest bar", () => {
  const bars = [{ start: 0, end: HOUR }, { start: 3 * HOUR, end: 4 * HOUR }];
  assert.equal(nearest(bars, 30), bars[0]);
  assert.equal(nearest(bars, 2.5 * HOUR), bars[1]);
  assert.equal(nearest([], 0), null);
});
