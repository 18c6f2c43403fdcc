// @ts-check
// Times that are covered again and again, turns in words, and what is said yes to.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { readBoard } from "../../web/static/roster-model.js";
import { cut, nightOf, tonight, weekendOf } from "../../web/static/roster-nights.js";
import { toneOf, withChange, yesTo } from "../../web/static/roster-questions.js";
import { rotationWords } from "../../web/static/roster-rotation.js";
import { minutes } from "../../web/static/roster-time.js";
import { boardJson, inRome, span } from "./support.js";

const NIGHT = { from: "18:00", to: "09:00" };

beforeEach(inRome);

test("tonight is the coming night, or the rest of the one that has begun", () => {
  assert.deepEqual(tonight(minutes("2026-06-03T12:00"), NIGHT), span("2026-06-03T18:00", "2026-06-04T09:00"));
  assert.deepEqual(tonight(minutes("2026-06-03T20:15"), NIGHT), span("2026-06-03T20:15", "2026-06-04T09:00"));
});

test("before the morning the night is that of the day before", () => {
  const now = minutes("2026-06-01T12:00");
  assert.deepEqual(nightOf(minutes("2026-06-04T03:00"), now, NIGHT), span("2026-06-03T18:00", "2026-06-04T09:00"));
  assert.deepEqual(nightOf(minutes("2026-06-04T09:00"), now, NIGHT), span("2026-06-04T18:00", "2026-06-05T09:00"));
});

test("a weekend ends on Monday's morning, also when the clock changes", () => {
  const now = minutes("2026-06-01T12:00");
  const weekend = span("2026-10-23T18:00", "2026-10-26T09:00");
  for (const at of ["2026-10-21T10:00", "2026-10-25T10:00", "2026-10-26T08:00"]) {
    assert.deepEqual(weekendOf(minutes(at), now, NIGHT), weekend, at);
  }
});

test("no choice leaves its limits", () => {
  assert.deepEqual(cut({ start: 0, end: 10 }, { start: 5, end: 20 }), { start: 5, end: 10 });
  assert.equal(cut({ start: 0, end: 10 }, { start: 10, end: 20 }), null);
  assert.deepEqual(cut({ start: 0, end: 10 }, null), { start: 0, end: 10 });
});

test("a rotation in words", () => {
  const board = readBoard(boardJson({ people: [
    { id: 1, name: "Giulia", left: false }, { id: 2, name: "Marco", left: false }, { id: 3, name: "Sara", left: false },
  ] }));
  const rotation = { start: "2026-01-05T18:00", every: "1 week", until: null, turns: [[1], [2, 3]] };
  assert.equal(rotationWords(rotation, board), "Giulia and Marco with Sara in turn, 1 week each, from Mon 5 Jan 2026, 18:00");
  assert.equal(rotationWords({ ...rotation, turns: [[2]], until: "2026-02-02T18:00" }, board),
    "Always Marco, from Mon 5 Jan 2026, 18:00 until Mon 2 Feb 2026, 18:00");
  assert.equal(rotationWords({ ...rotation, turns: [] }, board), "Nobody yet.");
});

test("what is said yes to adds up, and a better choice keeps it", () => {
  const gap = { key: "gap:1", kind: "gap", words: "", lines: [], choices: [] };
  const busy = { ...gap, key: "busy:2", kind: "busy" };
  const once = yesTo(null, [gap]);
  assert.deepEqual(yesTo(once, [gap, busy]).keys, ["gap:1", "busy:2"]);
  assert.deepEqual(withChange(once, { person_id: 3 }), { keys: ["gap:1"], change: { person_id: 3 } });
  assert.deepEqual([toneOf([busy]), toneOf([busy, gap])], ["amber", "warn"]);
});
