// @ts-check
// Instants in words and in writing, on the clock of the roster's zone (roster-clock.js): days of a clock change have 23
// or 25 hours, and a time that comes twice in a night is told with the name of its clock.

import { comesTwice, instantOf, nameAt, wallOf } from "./roster-clock.js";

export const HOUR = 60;
export const DAY = 24 * HOUR;

const MINUTE_MS = 60_000;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * "2026-06-01T18:00" or "2026-06-01" as an instant; NaN for anything else. With an offset, as in
 * "2026-10-25T02:30+01:00", it is that instant whatever the clock shows.
 * @param {string} text
 */
export function minutes(text) {
  const found = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::\d\d)?)?(?:([+-])(\d\d):(\d\d))?$/.exec(text);
  if (!found) return Number.NaN;
  const [, day, time = "00:00", sign, hours, rest] = found;
  const wall = Math.floor(Date.parse(`${day}T${time}:00Z`) / MINUTE_MS);
  return sign ? wall - Number(`${sign}1`) * (Number(hours) * HOUR + Number(rest)) : instantOf(wall);
}

/**
 * An instant as the server has it: "2026-06-01T18:00", with the offset where that would be another one.
 * @param {Instant} at
 */
export function iso(at) {
  const wall = wallOf(at);
  return instantOf(wall) === at ? wallIso(at) : `${wallIso(at)}${offsetWords(wall - at)}`;
}

/**
 * What the clock shows, as fields of forms have it: "2026-06-01T18:00".
 * @param {Instant} at
 */
export function wallIso(at) {
  return new Date(wallOf(at) * MINUTE_MS).toISOString().slice(0, 16);
}

/** @param {number} offset */
function offsetWords(offset) {
  const length = Math.abs(offset);
  const [hours, rest] = [Math.floor(length / HOUR), length % HOUR].map((each) => String(each).padStart(2, "0"));
  return `${offset < 0 ? "-" : "+"}${hours}:${rest}`;
}

/** @param {Instant} at */
export function isoDay(at) {
  return wallIso(at).slice(0, 10);
}

/**
 * When the day of an instant begins.
 * @param {Instant} at
 */
export function dayOf(at) {
  return instantOf(Math.floor(wallOf(at) / DAY) * DAY);
}

/**
 * The same time on the clock, so many days later.
 * @param {Instant} at @param {number} days
 */
export function addDays(at, days) {
  return days === 0 ? at : instantOf(wallOf(at) + days * DAY);
}

/**
 * When the clock shows a time, in minutes after midnight, on the day of an instant.
 * @param {Instant} at @param {number} time
 */
export function atClock(at, time) {
  return instantOf(Math.floor(wallOf(at) / DAY) * DAY + time);
}

/**
 * The first full hour of the clock that is not before an instant.
 * @param {Instant} at
 */
export function nextHour(at) {
  return at + ((HOUR - (wallOf(at) % HOUR)) % HOUR);
}

/**
 * 0 is Sunday.
 * @param {Instant} at
 */
export function weekday(at) {
  return new Date(wallOf(at) * MINUTE_MS).getUTCDay();
}

/** @param {Instant} at */
export function isWeekend(at) {
  return weekday(at) % 6 === 0;
}

/** @param {Instant} at */
export function dateParts(at) {
  const date = new Date(wallOf(at) * MINUTE_MS);
  return {
    weekday: WEEKDAYS[date.getUTCDay()], day: date.getUTCDate(), month: MONTHS[date.getUTCMonth()],
    year: date.getUTCFullYear(),
  };
}

/**
 * "18:00"; "02:30 CET" where the clock shows that twice in a night.
 * @param {Instant} at
 */
export function clock(at) {
  const shown = wallIso(at).slice(11);
  return comesTwice(at) ? `${shown} ${nameAt(at)}` : shown;
}

/**
 * "Mon 1 Jun 2026"
 * @param {Instant} at
 */
export function dayWords(at) {
  const { weekday: name, day, month, year } = dateParts(at);
  return `${name} ${day} ${month} ${year}`;
}

/**
 * "Mon 1 Jun 2026, 18:00": the one way in which a time is written, here as on the server.
 * @param {Instant} at
 */
export function moment(at) {
  return `${dayWords(at)}, ${clock(at)}`;
}

/**
 * "Mon 1 Jun 2026, 18:00 to Tue 2 Jun 2026, 09:00"; the second day only where it is another one.
 * @param {Instant} start @param {Instant} end
 */
export function spanWords(start, end) {
  return `${moment(start)} to ${dayOf(start) === dayOf(end) ? clock(end) : moment(end)}`;
}

/**
 * "7 days", "15 h", "2 days 3 h 30 min"
 * @param {number} length
 */
export function lengthWords(length) {
  const days = Math.floor(length / DAY);
  const hours = Math.floor((length % DAY) / HOUR);
  const rest = length % HOUR;
  const words = [];
  if (days) words.push(days === 1 ? "1 day" : `${days} days`);
  if (hours) words.push(`${hours} h`);
  if (rest) words.push(`${rest} min`);
  return words.join(" ") || "0 min";
}

/**
 * How long a span is: whole days of the calendar, and hours as they pass. Where days have not 24 hours each, the hours
 * are told as well: "7 days (169 h: the clock changes)".
 * @param {Instant} start @param {Instant} end
 */
export function spanLength(start, end) {
  let days = Math.max(0, Math.round((end - start) / DAY));
  while (days > 0 && addDays(start, days) > end) days -= 1;
  const rest = end - addDays(start, days);
  const words = lengthWords(days * DAY + rest);
  if (days * DAY + rest === end - start) return words;
  const minutesLeft = (end - start) % HOUR;
  const hours = `${Math.floor((end - start) / HOUR)} h${minutesLeft ? ` ${minutesLeft} min` : ""}`;
  return `${words} (${hours}: the clock changes)`;
}

/**
 * "Mon 1 – Sun 14 Jun 2026", "Mon 29 Jun – Sun 12 Jul 2026": the days of a span whose end is not in it.
 * @param {Instant} start @param {Instant} end
 */
export function periodWords(start, end) {
  const first = dateParts(start);
  const last = dateParts(end - 1);
  const tail = dayWords(end - 1);
  if (first.year !== last.year) return `${dayWords(start)} – ${tail}`;
  if (first.month !== last.month) return `${first.weekday} ${first.day} ${first.month} – ${tail}`;
  return first.day === last.day ? tail : `${first.weekday} ${first.day} – ${tail}`;
}
