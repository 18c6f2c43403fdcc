// @ts-check
// Times that are covered again and again, as buttons: tonight, this night, the weekend, the whole shift.

import { setData } from "./dom.js";
import { button } from "./roster-forms.js";
import { addDays, atClock, dayOf, HOUR, spanWords, weekday } from "./roster-time.js";

const FRIDAY = 5;

/**
 * The coming night; while one has begun in the evening, the rest of it. `night`: { from, to } on the clock.
 * @param {Instant} now @param {Night} night
 */
export function tonight(now, night) {
  const found = nightFrom(dayOf(now), night);
  return { start: Math.max(now, found.start), end: found.end };
}

/**
 * The night that an instant lies in, or that begins on its day; of one that runs, the rest.
 * @param {Instant} at @param {Instant} now @param {Night} night
 */
export function nightOf(at, now, night) {
  const last = nightFrom(addDays(dayOf(at), -1), night);
  return rest(at < last.end ? last : nightFrom(dayOf(at), night), now);
}

/**
 * The weekend that an instant lies in, or the next one, from Friday's evening to Monday's morning.
 * @param {Instant} at @param {Instant} now @param {Night} night
 */
export function weekendOf(at, now, night) {
  const back = (weekday(at) - FRIDAY + 7) % 7;
  const friday = addDays(dayOf(at), -back);
  const last = weekendFrom(friday, night);
  return rest(at < last.end ? last : weekendFrom(addDays(friday, 7), night), now);
}

/**
 * Fill a place with the buttons. `at()`: the instant from which is counted; `shift()`: the whole one, or null;
 * `within()`: what no choice may leave; `take(span)` follows a press. Returns what shows which of them is chosen.
 * @param {HTMLElement} place @param {Offered} facts
 */
export function offerTimes(place, { page, at, shift, within = () => null, take }) {
  const { night } = page.board;
  const counted = () => at() ?? page.now(); // without an instant to count from, all buttons are off
  /** @type {[string, () => Span | null][]} */
  const choices = [
    ["Tonight", () => tonight(page.now(), night)],
    ["This night", () => nightOf(counted(), page.now(), night)],
    ["Weekend", () => weekendOf(counted(), page.now(), night)],
    ["Whole shift", shift],
  ];
  const ways = choices.map(([words, find]) => {
    const span = () => (at() === null ? null : cut(find(), within()));
    const made = button(words, () => {
      const chosen = span();
      if (chosen !== null) take(chosen);
    }, "small-tool");
    return { made, span };
  });
  place.replaceChildren(...ways.map(({ made }) => made));
  /** @type {(start: Instant | null, end: Instant | null) => void} */
  return (start, end) => {
    for (const { made, span: find } of ways) {
      const span = find();
      made.disabled = span === null;
      made.title = span === null ? "" : spanWords(span.start, span.end);
      const chosen = span !== null && span.start === start && span.end === end;
      setData(made, "chosen", chosen);
      made.setAttribute("aria-pressed", String(chosen));
    }
  };
}

/** @param {Instant} day @param {Night} facts */
function nightFrom(day, { from, to }) {
  return { start: atClock(day, clockOf(from)), end: atClock(addDays(day, 1), clockOf(to)) };
}

/** @param {Instant} friday @param {Night} facts */
function weekendFrom(friday, { from, to }) {
  return { start: atClock(friday, clockOf(from)), end: atClock(addDays(friday, 3), clockOf(to)) };
}

/**
 * Whatever has begun is covered from now on: what was is a matter of pay.
 * @param {Span} span @param {Instant} now
 */
function rest(span, now) {
  return span.start < now && now < span.end ? { start: now, end: span.end } : span;
}

/**
 * As much of a span as lies within limits; null for none.
 * @param {Span | null} span @param {Span | null} limits
 */
export function cut(span, limits) {
  if (span === null || limits === null) return span;
  const [start, end] = [Math.max(span.start, limits.start), Math.min(span.end, limits.end)];
  return start < end ? { start, end } : null;
}

/** @param {string} text */
function clockOf(text) {
  const [hours, minutes] = text.split(":").map(Number);
  return hours * HOUR + minutes;
}
