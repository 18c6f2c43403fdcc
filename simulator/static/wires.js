// @ts-check
const SPACE = "http://www.w3.org/2000/svg";
const BEND_PX = 36;

/** Draws a line between each pair of phones that talk with each other. */
export class Wires {
  /** @type {HTMLElement[][]} */
  pairs;

  /** @param {Element} svg @param {HTMLElement} desk */
  constructor(svg, desk) {
    this.svg = svg;
    this.desk = desk;
    this.pairs = [];
    this.drawn = "";
    const again = () => requestAnimationFrame(() => this.draw());
    new ResizeObserver(again).observe(desk);
    window.addEventListener("scroll", again, { capture: true, passive: true });
  }

  /**
   * `pairs` of elements.
   * @param {HTMLElement[][]} pairs
   */
  connect(pairs) {
    this.pairs = pairs;
    requestAnimationFrame(() => this.draw());
  }

  draw() {
    const origin = this.desk.getBoundingClientRect();
    const shapes = this.pairs.filter((pair) => pair.every((el) => el.offsetParent !== null)).map(([one, other]) => between(one, other, origin));
    const key = shapes.join(" ");
    if (key === this.drawn) return;
    this.drawn = key;
    this.svg.replaceChildren(...shapes.map((d) => {
      const path = document.createElementNS(SPACE, "path");
      path.setAttribute("d", d);
      return path;
    }));
  }
}

/**
 * From the edge of one card to the facing edge of the other, leaving and arriving level.
 * @param {HTMLElement} one @param {HTMLElement} other @param {DOMRect} origin
 */
function between(one, other, origin) {
  const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()].sort((x, y) => x.left - y.left);
  const overlap = b.left < a.right;
  const from = { x: a.right - origin.left, y: middle(a, b) - origin.top };
  const to = { x: (overlap ? b.right : b.left) - origin.left, y: middle(b, a) - origin.top };
  const reach = overlap ? BEND_PX : Math.min(BEND_PX, (to.x - from.x) / 2);
  const [x1, x2] = overlap ? [from.x + reach, to.x + reach] : [from.x + reach, to.x - reach];
  return `M${from.x} ${from.y}C${x1} ${from.y} ${x2} ${to.y} ${to.x} ${to.y}`;
}

/**
 * A height on the card's side, as near to the other card as it gets without leaving the card.
 * @param {DOMRect} card @param {DOMRect} other
 */
function middle(card, other) {
  const wish = other.top + 40;
  return Math.min(Math.max(wish, card.top + 32), card.bottom - 32);
}
