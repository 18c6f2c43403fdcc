// @ts-check
// The draft's rows with the live roster beneath them, quietly, and the times marked in which others would be on call.

import { h, need } from "./dom.js";
import { drawRow, place } from "./roster-bars.js";
import { pack } from "./roster-geometry.js";
import { fitting, namesChoices } from "./roster-labels.js";
import { layerRows, nameOf, peopleRows } from "./roster-model.js";
import { spanWords } from "./roster-time.js";

const PADDING_PX = { airy: 18, close: 10, dense: 4 };

/**
 * All rows of a draft's board as elements; what only the live roster has comes last.
 * @param {Row[]} rows @param {DraftBoard} board @param {string} by @param {Look} look
 */
export function drawPairs(rows, board, by, look) {
  const inForce = { ...board, layers: board.inForce };
  const beneath = new Map((by === "people" ? peopleRows(inForce) : layerRows(inForce)).map((row) => [row.key, row]));
  const drawn = rows.map((row) => {
    const el = drawRow(row, look);
    el.classList.add("twin");
    need(el, ".row-name").append(h("small", "draft-mark", "draft"));
    const lane = need(el, ".lane");
    lane.prepend(...differencesOf(row, board).map((each) => differs(each, look)));
    el.append(...underneath(beneath.get(row.key), row, look));
    beneath.delete(row.key);
    return el;
  });
  const only = [...beneath.values()].filter((row) => row.layer || row.bars.length);
  return [...drawn, ...only.map((row) => onlyInForce(row, board, look))];
}

/** @param {Row} row @param {DraftBoard} board @param {Look} look */
function onlyInForce(row, board, look) {
  const lane = h("div", "lane gone-lane", h("span", "gone-words", "Not in the draft"));
  lane.prepend(...differencesOf(row, board).map((each) => differs(each, look)));
  const el = h("div", "row twin is-gone", h("div", "row-name", h("span", "", row.name)), lane,
    ...underneath(row, row, look));
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", `${row.layer ? `Layer ${row.name}` : row.name}, not in the draft`);
  return el;
}

/** @param {Row | undefined} old @param {Row} row @param {Look} look */
function underneath(old, row, look) {
  const label = h("div", "row-name force-name", h("span", "", "live"));
  const lane = h("div", "force-lane");
  lane.setAttribute("role", "group");
  lane.setAttribute("aria-label", `${row.layer ? `Layer ${row.name}` : row.name}, live`);
  const bars = (old?.bars ?? []).filter((bar) => bar.shift.why !== "off duty");
  lane.style.setProperty("--depth", String(row.layer ? 1 : pack(bars)));
  lane.append(...bars.map((bar) => drawOld(bar, row, look)));
  if (!old && row.layer) lane.append(h("span", "gone-words", "Not in the live roster"));
  return [label, lane];
}

/** @param {Bar} bar @param {Row} row @param {Look} look */
function drawOld(bar, row, look) {
  const { layer } = bar.shift;
  const names = bar.whos.filter((who) => !who.absent).map((who) => nameIn(look.board, who.id)).join(", ");
  const el = h("div", "old", h("div", "", h("span", "", row.layer ? shortened(bar, look) : layer.name)));
  if (bar.shift.people.length === 0) el.classList.add("is-nobody");
  const when = spanWords(bar.start, bar.end);
  el.setAttribute("role", "img");
  el.setAttribute("aria-label", `Live: ${names}, layer ${layer.name}, ${when}`);
  el.title = `Live: ${names}, ${when}`;
  el.style.setProperty("--lane", String(row.layer ? 0 : bar.lane));
  place(el, bar, look.scale);
  return el;
}

/**
 * As much of the names as there is room for.
 * @param {Bar} bar @param {Look} facts
 */
function shortened(bar, { board, scale, width, density }) {
  const names = bar.whos.filter((who) => !who.absent).map((who) => nameIn(board, who.id));
  const px = (scale.share(bar.end) - scale.share(bar.start)) * width;
  return fitting(namesChoices(names), px - PADDING_PX[density], "old");
}

/** @param {Board} board @param {number | null} id */
function nameIn(board, id) {
  return id === null ? "Nobody" : nameOf(board, id);
}

/**
 * Of a layer all; of a person those in which they come or go.
 * @param {Row} row @param {DraftBoard} board
 */
function differencesOf(row, board) {
  const { differences } = board.draft;
  if (row.layer) return differences.get(row.layer.id) ?? [];
  if (!row.person) return [];
  const { id } = row.person;
  return [...differences.values()].flat().filter((each) => each.before.includes(id) !== each.after.includes(id));
}

/** @param {Difference} each @param {Look} facts */
function differs(each, { board, scale }) {
  const el = h("div", "differs");
  place(el, each, scale);
  const names = (/** @type {number[]} */ ids) => ids.map((id) => nameOf(board, id)).join(", ") || "nobody";
  const words = `${names(each.after)} instead of ${names(each.before)}`;
  el.setAttribute("role", "img");
  el.setAttribute("aria-label", `${spanWords(each.start, each.end)}: ${words}`);
  return el;
}
