// @ts-check
// The pictures of the roster page. Decoration only: words or a label always say the same.

const SVG = "http://www.w3.org/2000/svg";
/** @type {Record<string, string>} */
const PATHS = {
  add: "M12 5v14M5 12h14",
  back: "m14.5 6-6 6 6 6",
  forward: "m9.5 6 6 6-6 6",
  up: "m6 14.5 6-6 6 6",
  down: "m6 9.5 6 6 6-6",
  close: "m6.5 6.5 11 11m0-11-11 11",
  undo: "M9 7 4.5 11.5 9 16M5 11.5h8.5a5 5 0 0 1 0 10H11",
  history: "M4.5 12a7.5 7.5 0 1 1 2.2 5.3M4.5 12 2.8 9.6M4.5 12l2.4-1.7M12 8v4.4l3 1.8",
  swap: "M7 4.5 3.5 8 7 11.5M3.5 8H17M17 12.5l3.5 3.5-3.5 3.5M20.5 16H7",
  leave: "M4.5 7h15v12.5h-15zM4.5 11h15M8.5 4.5V8m7-3.5V8M9.5 13.5l5 4m0-4-5 4",
  layers: "m12 4.5 8 4-8 4-8-4zM4.5 12.3l7.5 3.7 7.5-3.7M4.5 16l7.5 3.7 7.5-3.7",
  ask: "M9 9.3a3 3 0 1 1 4.4 2.7c-.9.5-1.4 1-1.4 2.2M12 17.3v.2M12 3.8a8.2 8.2 0 1 1 0 16.4 8.2 8.2 0 0 1 0-16.4",
  cover: "m5 19 .8-3.8L16.2 4.8l3 3L8.8 18.2zM14.2 6.8l3 3",
  remove: "M5 7h14M9.5 7V4.8h5V7M7 7l.8 12.2h8.4L17 7M10.3 10.5v5.5m3.4-5.5v5.5",
  draft: "M5 20V4.5h9L19 9.5V20zM13.5 4.5V10H19M8.5 13.5h7M8.5 16.5h4.5",
  check: "m5 12.5 4.5 4.5L19 7.5",
  drill: "M6 16.5c1.2-1.3 1.6-2.7 1.6-5a4.4 4.4 0 0 1 8.8 0c0 2.3.4 3.7 1.6 5zM10.3 19.3a1.9 1.9 0 0 0 3.4 0",
  warning: "M12 4.6 20.4 19H3.6zM12 10v4.2m0 2.3v.2",
};

/** @param {string} name */
export function picture(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/**
 * Put pictures where the page's HTML asks for them.
 * @param {ParentNode} root
 */
export function hangPictures(root) {
  for (const place of root.querySelectorAll("[data-icon]")) place.replaceWith(picture(place.dataset.icon ?? ""));
}
