// @ts-check
// While a cover or a swap is filled in: who is on call then, and who has time off or stands in another layer.

import { get, Refusal } from "./roster-data.js";
import { nameOf } from "./roster-model.js";
import { iso, minutes, moment } from "./roster-time.js";

const PAUSE_MS = 150;
const SHOWN = 3;

/**
 * Looks up what a cover would meet, some moments after the last call of what is returned, and gives it to `show`; null
 * where nothing is known. Of several questions under way only the last one's answer counts.
 * @param {Page} page @param {(found: Covering | null) => void} show
 */
export function lookUp(page, show) {
  let turn = 0;
  let timer = 0;
  /** @type {(wish: Wish | null) => void} */
  return (wish) => {
    const mine = ++turn;
    clearTimeout(timer);
    if (!wish || !(wish.start < wish.end)) {
      show(null);
      return;
    }
    timer = setTimeout(async () => {
      const found = await ask(page, wish);
      if (mine === turn) show(found);
    }, PAUSE_MS);
  };
}

/** @param {Page} page @param {Wish} facts */
async function ask(page, { layerId, start, end, besides }) {
  const query = new URLSearchParams({
    layer_id: String(layerId), start: iso(start), end: iso(end), besides: String(besides ?? ""),
  });
  try {
    /** @type {{ met: MetJson[], busy: Busy[], shift: SpanJson | null }} */
    const { met, busy, shift } = await get(page.url(`cover.json?${query}`));
    const byPerson = new Map(busy.map((each) => [each.person_id, each]));
    return { met: met.map(timed), busy: byPerson, shift: shift && timed(shift) };
  } catch (refused) {
    if (!(refused instanceof Refusal)) throw refused;
    return null;
  }
}

/**
 * "Luca Ferri until Tue 1 Dec 18:00, then Sara Lombardi"
 * @param {Board} board @param {Met[]} met
 */
export function metWords(board, met) {
  /** @type {{ words: string, end: Instant }[]} */
  const parts = [];
  for (const each of met) {
    const words = whoWords(board, each);
    const before = parts.at(-1);
    if (before?.words === words) before.end = each.end;
    else parts.push({ words, end: each.end });
  }
  const shown = parts.slice(0, SHOWN);
  const last = parts.length - 1;
  const told = shown.map(({ words, end }, index) => (index < last ? `${words} until ${moment(end)}` : words));
  return `${told.join(", then ")}${parts.length > SHOWN ? ", and so on" : ""}`;
}

/** @param {Board} board @param {Met} facts */
function whoWords(board, { people, absent, on_duty: onDuty }) {
  if (people.length) return people.map((id) => nameOf(board, id)).join(" and ");
  if (!onDuty) return "nobody (the layer is off duty)";
  const away = absent.map((id) => nameOf(board, id)).join(" and ");
  return away ? `nobody (${away} ${absent.length > 1 ? "have" : "has"} time off)` : "nobody";
}

/**
 * Put beside each name of a choice what speaks against it.
 * @param {HTMLSelectElement} select @param {Board} board @param {Map<number, Busy> | undefined} busy
 */
export function markBusy(select, board, busy) {
  for (const option of select.options) {
    const id = Number(option.value);
    if (!id || !board.people.has(id)) continue;
    option.textContent = `${nameOf(board, id)}${remark(busy?.get(id))}`;
  }
}

/** @param {Busy | undefined} busy */
function remark(busy) {
  if (!busy) return "";
  const words = busy.away ? [busy.wholly ? "time off" : "time off for a part"] : [];
  if (busy.layers.length) words.push(`in ${busy.layers.join(" and ")} then`);
  return words.length ? ` (${words.join(", ")})` : "";
}

/**
 * @template {SpanJson} Item
 * @param {Item} each
 * @returns {Omit<Item, "start" | "end"> & Span}
 */
function timed(each) {
  return { ...each, start: minutes(each.start), end: minutes(each.end) };
}
