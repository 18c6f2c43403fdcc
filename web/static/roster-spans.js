// @ts-check
// The arithmetic of marking a time: by dragging, with two handles, by a tap. Pure.

import { ordered } from "./roster-geometry.js";
import { addDays, dayOf, HOUR } from "./roster-time.js";

export const STEP_MINUTES = 30;
export const FINE_STEP_MINUTES = 5;
const TAPPED_MINUTES = 12 * HOUR;

/**
 * What is marked while a pointer is at a time. `edge`: the end of an override that is moved, which stops a step before
 * the other end, `anchor`; null: a new mark, which may be drawn either way from where it began, `anchor`.
 * @param {{ edge: Edge | null, anchor: Instant }} drag @param {Scale} scale @param {Instant} time
 * @param {number} step in minutes
 * @returns {Span}
 */
export function dragged({ edge, anchor }, scale, time, step) {
  const { start: low, end: high, snap } = scale;
  const at = snap(time, step);
  if (edge === "start") return { start: Math.max(low, Math.min(at, anchor - step)), end: anchor };
  if (edge === "end") return { start: anchor, end: Math.min(high, Math.max(at, anchor + step)) };
  return ordered(snap(anchor, step), at, step, low, high);
}

/**
 * A span after one of its ends was put to a time: at least so many minutes long, and within limits.
 * @param {Span} span @param {Edge} end @param {Instant} at @param {number} least @param {Span} limits
 * @returns {Span}
 */
export function pulled(span, end, at, least, limits) {
  if (end === "start") return { start: Math.max(limits.start, Math.min(at, span.end - least)), end: span.end };
  return { start: span.start, end: Math.min(limits.end, Math.max(at, span.start + least)) };
}

/**
 * Where a key puts the end of a mark, and the least length of the mark then: an arrow by a step, Page Up and Page Down
 * by a day of the calendar. Null for other keys.
 * @param {Instant} at @param {string} key @param {boolean} fine
 */
export function keyed(at, key, fine) {
  const step = fine ? FINE_STEP_MINUTES : STEP_MINUTES;
  switch (key) {
    case "PageUp": return { at: addDays(at, 1), least: STEP_MINUTES };
    case "PageDown": return { at: addDays(at, -1), least: STEP_MINUTES };
    case "ArrowRight": case "ArrowUp": return { at: at + step, least: step };
    case "ArrowLeft": case "ArrowDown": return { at: at - step, least: step };
    default: return null;
  }
}

/**
 * What a tap marks: of the shift that it falls into the part on its day, else twelve hours around it.
 * @param {Instant} at @param {Span | null} shift @param {Scale} scale
 * @returns {Span}
 */
export function tapped(at, shift, scale) {
  if (shift) return { start: Math.max(shift.start, dayOf(at)), end: Math.min(shift.end, addDays(dayOf(at), 1)) };
  const start = Math.max(scale.start, scale.snap(at - HOUR / 2, HOUR) - TAPPED_MINUTES / 2);
  return { start, end: Math.min(scale.end, start + TAPPED_MINUTES) };
}
