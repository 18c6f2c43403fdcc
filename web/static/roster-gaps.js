// Hours without anybody, in words above the board: nobody has to find a red stripe to know of them.

import { h, show } from "./dom.js";
import { picture } from "./roster-icons.js";
import { coverTime } from "./roster-cover.js";
import { gapWords, regionWords } from "./roster-board.js";
import { button } from "./roster-forms.js";
import { spanWords } from "./roster-time.js";

const SHOWN_AT_ONCE = 3;
const list = document.querySelector("[data-gap-list]");

export function listGaps(page) {
  const { gaps } = page.board;
  show(list, gaps.length > 0);
  const lines = gaps.map((gap) => line(page, gap));
  const rest = lines.splice(SHOWN_AT_ONCE);
  list.replaceChildren(...lines);
  if (!rest.length) return;
  const more = h("details", "", h("summary", "", `${rest.length} more`), ...rest);
  list.append(more);
}

function line(page, gap) {
  const words = `${gapWords(gap)}: ${spanWords(gap.start, gap.end)}`;
  const el = h("div", "gap-line", picture("warning"), h("div", "", words, gap.parts.length > 1 ? regionsOf(gap) : ""));
  if (page.mayEdit && page.board.layers.length) {
    const cover = button("Cover", () => coverTime({ span: gap }), "small-tool");
    cover.setAttribute("aria-label", `Cover: ${words}`);
    el.append(cover);
  }
  return el;
}

function regionsOf({ parts }) {
  const lines = parts.map((part) => h("li", "", `${regionWords(part.region)}: ${spanWords(part.start, part.end)}`));
  return h("details", "", h("summary", "", "Region by region"), h("ul", "", ...lines));
}
