// @ts-check
// What tests of the roster page's modules have in common.

import { setClock } from "../../web/static/roster-clock.js";
import { minutes } from "../../web/static/roster-time.js";

/** Rome's clock changes of 2026, as the server lists them. */
const ROME = [
  { at: 0, offset: 60, name: "CET" },
  { at: Date.UTC(2026, 2, 29, 1) / 60_000, offset: 120, name: "CEST" },
  { at: Date.UTC(2026, 9, 25, 1) / 60_000, offset: 60, name: "CET" },
];

/** From now on the page's clock is Rome's. */
export function inRome() {
  setClock(ROME);
}

/**
 * A span of two times on the clock.
 * @param {string} start @param {string} end
 */
export function span(start, end) {
  return { start: minutes(start), end: minutes(end) };
}

/** @type {BoardJson} */
const EMPTY = {
  roster: { id: 1, name: "Hotline", zone: "Europe/Rome", regions: ["italy"] },
  night: { from: "18:00", to: "09:00" }, clock: ROME, from: "2026-06-01", days: 14, now: "2026-06-03T20:15",
  people: [], fault: null, layers: [], required: [], gaps: [], warnings: [], time_off: [], holidays: [], last_change: null,
  swaps: [], failed_drills: 0, contact_faults: 0,
};

/**
 * The server's board with some of its facts.
 * @param {Partial<BoardJson>} facts
 * @returns {BoardJson}
 */
export function boardJson(facts) {
  return { ...EMPTY, ...facts };
}

/**
 * A shift as the server tells it, of the rotation.
 * @param {string} start @param {string} end @param {number[]} people @param {Partial<ShiftJson>} [facts]
 * @returns {ShiftJson}
 */
export function shiftJson(start, end, people, facts = {}) {
  return {
    start, end, people, absent: [], why: "rotation", reason: "in turn", override_id: null, swap_id: null, kind: null,
    note: "", override: null, ...facts,
  };
}
