// Wall-clock times of the roster's zone as whole minutes, read as if they were UTC: here every day has 24 hours.
// What a clock change does to a shift is the server's business.

export const HOUR = 60;
export const DAY = 24 * HOUR;

const MINUTE_MS = 60_000;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const LONG_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December"];

/** "2026-06-01T18:00" or "2026-06-01" in minutes; NaN for anything else. */
export function minutes(text) {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$/.test(text)) return Number.NaN;
  const moment = text.length > 10 ? `${text.slice(0, 16)}:00Z` : `${text}T00:00:00Z`;
  return Math.floor(Date.parse(moment) / MINUTE_MS);
}

/** Minutes as "2026-06-01T18:00", what forms and the server speak. */
export function iso(at) {
  return new Date(at * MINUTE_MS).toISOString().slice(0, 16);
}

export function isoDay(at) {
  return iso(at).slice(0, 10);
}

export function dayOf(at) {
  return Math.floor(at / DAY) * DAY;
}

/** 0 is Sunday. */
export function weekday(at) {
  return new Date(at * MINUTE_MS).getUTCDay();
}

export function isWeekend(at) {
  return weekday(at) % 6 === 0;
}

export function dateParts(at) {
  const date = new Date(at * MINUTE_MS);
  return {
    weekday: WEEKDAYS[date.getUTCDay()], day: date.getUTCDate(), month: MONTHS[date.getUTCMonth()],
    longMonth: LONG_MONTHS[date.getUTCMonth()], year: date.getUTCFullYear(),
  };
}

/** "18:00" */
export function clock(at) {
  return iso(at).slice(11);
}

/** "Mon 1 Jun" */
export function dayWords(at) {
  const { weekday: name, day, month } = dateParts(at);
  return `${name} ${day} ${month}`;
}

/** "Mon 1 Jun 18:00" */
export function moment(at) {
  return `${dayWords(at)} ${clock(at)}`;
}

/** "Mon 1 Jun 18:00 to Tue 2 Jun 09:00"; the second day only where it is another one. */
export function spanWords(start, end) {
  return `${moment(start)} to ${dayOf(start) === dayOf(end) ? clock(end) : moment(end)}`;
}

/** "7 days", "15 h", "2 days 3 h 30 min" */
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

/** "1 – 14 June 2026", "29 June – 12 July 2026": the days of a span whose end is not in it. */
export function periodWords(start, end) {
  const first = dateParts(start);
  const last = dateParts(end - 1);
  const tail = `${last.day} ${last.longMonth} ${last.year}`;
  if (first.year !== last.year) return `${first.day} ${first.longMonth} ${first.year} – ${tail}`;
  if (first.month !== last.month) return `${first.day} ${first.longMonth} – ${tail}`;
  return first.day === last.day ? tail : `${first.day} – ${tail}`;
}
