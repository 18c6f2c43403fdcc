// @ts-check
// Where things stand on the board: time to place and back, and what must not lie on top of each other. Pure.

/**
 * A stretch of time laid over a width: `share` of the width at a time, `at` the time of a share, `snap` to the nearest
 * multiple of a step. `marks`: instants in order from `start` to `end` with equal widths between them, such as
 * midnights, so that a day of 23 or 25 hours is as wide as any other.
 * @param {Instant} start @param {Instant} end @param {Instant[]} [marks]
 * @returns {Scale}
 */
export function scale(start, end, marks = [start, end]) {
  const count = marks.length - 1;
  const within = (/** @type {Instant} */ at) => Math.min(count - 1, Math.max(0, marks.findLastIndex((mark) => mark <= at)));
  const length = (/** @type {number} */ place) => Math.max(1, marks[place + 1] - marks[place]);
  return {
    start,
    end,
    share: (at) => {
      const place = within(at);
      return Math.min(1, Math.max(0, (place + (at - marks[place]) / length(place)) / count));
    },
    at: (share) => {
      const along = Math.min(1, Math.max(0, share)) * count;
      const place = Math.min(count - 1, Math.floor(along));
      return marks[place] + (along - place) * length(place);
    },
    snap: (at, step) => {
      const from = marks[within(at)];
      return from + Math.round((at - from) / step) * step;
    },
  };
}

/** @param {number} share */
export function percent(share) {
  return `${(share * 100).toFixed(4)}%`;
}

/**
 * Two ends in any order as a span of at least one step, within limits.
 * @param {Instant} one @param {Instant} other @param {number} step @param {Instant} low @param {Instant} high
 */
export function ordered(one, other, step, low, high) {
  const start = Math.max(low, Math.min(one, other));
  const end = Math.min(high, Math.max(one, other, start + step));
  return { start: Math.min(start, end - step), end };
}

/**
 * Give each bar the first `lane` in which it overlaps nothing; the number of lanes. Bars come by their beginning.
 * @param {(Span & { lane?: number })[]} bars
 */
export function pack(bars) {
  /** @type {Instant[]} */
  const ends = [];
  for (const bar of bars) {
    const free = ends.findIndex((end) => end <= bar.start);
    const lane = free < 0 ? ends.length : free;
    bar.lane = lane;
    ends[lane] = bar.end;
  }
  return Math.max(1, ends.length);
}

/**
 * The one of `bars` that is at a time, or nearest to it.
 * @template {Span} Item
 * @param {Item[]} bars @param {Instant} at
 * @returns {Item | null}
 */
export function nearest(bars, at) {
  let best = null;
  let far = Infinity;
  for (const bar of bars) {
    const distance = Math.max(bar.start - at, at - bar.end, 0);
    if (distance < far) [best, far] = [bar, distance];
  }
  return best;
}
