// @ts-check
// The server's board as rows of bars.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as model from "../../web/static/roster-model.js";
import { minutes } from "../../web/static/roster-time.js";
import { boardJson, shiftJson } from "./support.js";

const GIULIA = { id: 1, name: "Giulia Conti", left: false };
const MARCO = { id: 2, name: "Marco Neri", left: false };
const SARA = { id: 3, name: "Sara Lombardi", left: true };

/** @param {ShiftJson[]} shifts @param {Partial<BoardJson>} [facts] */
function board(shifts, facts = {}) {
  return model.readBoard(boardJson({ people: [GIULIA, MARCO, SARA], layers: [{ id: 7, name: "First", shifts }], ...facts }));
}

test("a shift that goes beyond the board is cut, an override is known as a whole", () => {
  const override = { start: "2026-05-31T18:00", end: "2026-06-02T09:00", person_id: 2, version: "a" };
  const [shift] = board([
    shiftJson("2026-06-01", "2026-06-02T09:00", [2], { override_id: 5, kind: "replace", override }),
  ]).layers[0].shifts;
  assert.ok(shift.cutBefore && !shift.cutAfter);
  assert.deepEqual(shift.whole, { ...override, start: minutes(override.start), end: minutes(override.end) });
  assert.equal(model.madeBy(shift), "override");
});

test("a layer's row shows nobody, and who has time off", () => {
  const [row] = model.layerRows(board([
    shiftJson("2026-06-01", "2026-06-02", [], { absent: [1] }), shiftJson("2026-06-02", "2026-06-03", [1, 2]),
  ]));
  assert.deepEqual(row.bars.map(({ whos }) => whos.map(({ id, absent }) => [id, absent])),
    [[[null, false], [1, true]], [[1, false], [2, false]]]);
  assert.equal(row.depth, 2);
});

test("a person's bar goes on where somebody is only added for an hour", () => {
  const rows = model.peopleRows(board([
    shiftJson("2026-06-01T18:00", "2026-06-01T20:00", [1]),
    shiftJson("2026-06-01T20:00", "2026-06-01T21:00", [1, 2], {
      override_id: 5, kind: "add", override: { start: "2026-06-01T20:00", end: "2026-06-01T21:00", person_id: 2, version: "a" },
    }),
    shiftJson("2026-06-01T21:00", "2026-06-02T09:00", [1]),
  ]));
  assert.deepEqual(rows.map(({ name, bars }) => [name, bars.length]), [["Giulia Conti", 1], ["Marco Neri", 1]]);
  assert.equal(rows[0].bars[0].end, minutes("2026-06-02T09:00"));
  assert.ok(rows[1].bars[0].whos[0].added);
});

test("times without anybody come first, off duty has no row, who has left only where they stand", () => {
  const rows = model.peopleRows(board([
    shiftJson("2026-06-01", "2026-06-02", []), shiftJson("2026-06-02", "2026-06-03", [], { why: "off duty" }),
    shiftJson("2026-06-03", "2026-06-04", [3]),
  ]));
  assert.deepEqual(rows.map(({ name }) => name), ["Nobody", "Giulia Conti", "Marco Neri", "Sara Lombardi"]);
  assert.equal(rows[0].bars.length, 1);
});

test("gaps of several regions that touch are one to look at", () => {
  const { gaps } = board([], { gaps: [
    { region: "italy", start: "2026-06-01T20:00", end: "2026-06-01T22:00" },
    { region: "spain", start: "2026-06-01T18:00", end: "2026-06-01T20:00" },
    { region: "italy", start: "2026-06-02T18:00", end: "2026-06-02T20:00" },
  ] });
  assert.deepEqual(gaps.map(({ regions, parts }) => [regions, parts.length]), [[["italy", "spain"], 2], [["italy"], 1]]);
});

test("a warning has a time or none", () => {
  const { warnings } = board([], { warnings: [
    { kind: "thin", words: "Nobody behind", person_id: null, start: "2026-06-01", end: "2026-06-02" },
    { kind: "plan", words: "Never comes true", person_id: 1 },
  ] });
  assert.deepEqual(warnings.map(({ start }) => start), [minutes("2026-06-01"), undefined]);
});

test("names, initials and colours", () => {
  const shown = board([]);
  assert.equal(model.nameOf(shown, 1), "Giulia Conti");
  assert.equal(model.nameOf(shown, 99), "somebody who has left");
  assert.equal(model.absenceWords(shown, 3), "has left");
  assert.equal(model.initials("Anna Maria De Luca"), "AM");
  assert.equal(model.hueOf(1), "215");
});
