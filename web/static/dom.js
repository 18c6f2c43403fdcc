// @ts-check
// Patching a page in place: nothing is touched that did not change, so focus, scrolling and animations survive.
// Text from the server only ever becomes text nodes.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = new URL("icons.svg", import.meta.url);

/**
 * Make an element with a class and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {string} [name] @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, name, ...children) {
  const el = document.createElement(tag);
  if (name) el.className = name;
  el.append(...children);
  return el;
}

/**
 * The element that the page's HTML has for it, of a kind. Throws where there is none: page and script don't fit.
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {ParentNode} root @param {string} selector @param {new () => Kind} [kind]
 * @returns {Kind}
 */
export function need(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof (kind ?? HTMLElement))) throw new TypeError(`The page has no ${selector} as it is needed.`);
  return /** @type {Kind} */ (found);
}

/**
 * The element that an event has happened in or on, of those that a selector finds; null where it is none.
 * @param {Event} event @param {string} selector
 * @returns {HTMLElement | null}
 */
export function closest(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

/**
 * A new copy of what stands in one of the page's templates, an element.
 * @param {string} selector
 */
export function copyOf(selector) {
  const copy = /** @type {DocumentFragment} */ (need(document, selector, HTMLTemplateElement).content.cloneNode(true));
  return /** @type {HTMLElement} */ (copy.firstElementChild);
}

/** @param {HTMLElement} el */
export function childrenOf(el) {
  return /** @type {HTMLElement[]} */ ([...el.children]);
}

/**
 * A picture of the sprite; decoration only, words stand beside it.
 * @param {string} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${ICONS.pathname}#${name}`);
  svg.append(use);
  return svg;
}

/** @param {Element} el @param {string} text */
export function setText(el, text) {
  if (el.textContent !== text) el.textContent = text;
}

/** @param {HTMLElement} el @param {string} name @param {unknown} value */
export function setData(el, name, value) {
  if (el.dataset[name] !== String(value)) el.dataset[name] = String(value);
}

/** @param {HTMLElement} el @param {boolean} visible */
export function show(el, visible) {
  if (el.hidden === visible) el.hidden = !visible;
}

/**
 * Make the children of `list` stand for `items` in order: kept by `id`, made by `make`, brought up to date by `update`.
 * @template {{ id: unknown }} Item
 * @param {HTMLElement} list @param {Item[]} items
 * @param {(item: Item) => HTMLElement} make @param {(el: HTMLElement, item: Item) => void} update
 */
export function patchList(list, items, make, update) {
  const before = new Map(childrenOf(list).map((el) => [el.dataset.key, el]));
  items.forEach((item, index) => {
    const key = String(item.id);
    let el = before.get(key);
    if (el === undefined) {
      el = make(item);
      el.dataset.key = key;
    }
    before.delete(key);
    update(el, item);
    if (list.children[index] !== el) list.insertBefore(el, list.children[index] ?? null);
  });
  for (const el of before.values()) el.remove();
}

/**
 * Every element with a `data-…` attribute, by its name in camel case.
 * @param {ParentNode} root
 */
export function parts(root) {
  /** @type {Record<string, HTMLElement>} */
  const found = {};
  for (const el of root.querySelectorAll("*")) {
    for (const name of Object.keys(el.dataset)) found[name] ??= el;
  }
  return found;
}
