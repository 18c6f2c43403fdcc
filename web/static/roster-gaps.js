// @ts-check
// Hours without anybody, in words above the board: nobody has to find a red stripe to know of them.

import { h, need, show } from "./dom.js";
import { picture } from "./roster-icons.js";
import { coverTime } from "./roster-cover.js";
import { gapWords, regionWords } from "./roster-board.js";
import { button } from "./roster-forms.js";
import { spanWords } from "./roster-time.js";

const SHOWN_AT_ONCE = 3;
const list = need(document, "[data-gap-list]");
const narrow = matchMedia("(max-width: 760px)");

/** @param {Page} page */
export function listGaps(page) {
  const lines = [...page.board.gaps.map((gap) => line(page, gap)), ...warningLines(page)];
  show(list, lines.length > 0);
  list.classList.toggle("only-thin", page.board.gaps.length === 0);
  if (narrow.matches && lines.length) {
    list.replaceChildren(folded(lines));
    return;
  }
  const rest = lines.splice(SHOWN_AT_ONCE);
  list.replaceChildren(...lines);
  if (!rest.length) return;
  const more = h("details", "", h("summary", "", `${rest.length} more`), ...rest);
  list.append(more);
}

/**
 * On a phone one line that leads to all of them: the first shift stays in sight.
 * @param {HTMLElement[]} lines
 */
function folded(lines) {
  const [first] = lines;
  const more = lines.length > 1 ? `${lines.length} warnings. ` : "";
  return h("details", "gap-fold", h("summary", "", h("span", "", `${more}${first.dataset.words}`)), ...lines);
}

/**
 * Nobody behind the first from now on, and plans that never come true: amber, below the gaps.
 * @param {Page} page
 */
export function warningLines(page) {
  const { warnings } = page.board;
  const ahead = warnings.filter((each) => each.end === undefined || each.end > page.now());
  return ahead.map((each) => {
    const when = each.start === undefined || each.end === undefined ? "" : `: ${spanWords(each.start, each.end)}`;
    const el = h("div", "gap-line thin-line", picture("warning"), h("div", "", `${each.words}${when}`));
    el.dataset.words = `${each.words}${when}`;
    return el;
  });
}

/** @param {Page} page @param {Gap} gap */
function line(page, gap) {
  const words = `${gapWords(gap)}: ${spanWords(gap.start, gap.end)}`;
  const el = h("div", "gap-line", picture("warning"), h("div", "", words, gap.parts.length > 1 ? regionsOf(gap) : ""));
  el.dataset.words = words;
  if (page.mayEdit && page.board.layers.length) {
    const cover = button("Cover", () => coverTime({ span: gap }), "small-tool");
    cover.setAttribute("aria-label", `Cover: ${words}`);
    el.append(cover);
  }
  return el;
}

/** @param {Gap} facts */
function regionsOf({ parts }) {
  const lines = parts.map((part) => h("li", "", `${regionWords(part.region)}: ${spanWords(part.start, part.end)}`));
  return h("details", "", h("summary", "", "Region by region"), h("ul", "", ...lines));
}
