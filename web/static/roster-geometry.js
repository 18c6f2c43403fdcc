// Where things stand on the board: time to place and back, and what must not lie on top of each other. Pure.

/** A stretch of time laid over a width: `share` of the width at a time, `at` the time of a share. */
export function scale(start, end) {
  const length = end - start;
  return {
    start,
    end,
    share: (at) => Math.min(1, Math.max(0, (at - start) / length)),
    at: (share) => start + Math.min(1, Math.max(0, share)) * length,
  };
}

export function percent(share) {
  return `${(share * 100).toFixed(4)}%`;
}

/** To the nearest multiple of `step` minutes. */
export function snap(at, step) {
  return Math.round(at / step) * step;
}

/** Two ends in any order as a span of at least one step, within limits. */
export function ordered(one, other, step, low, high) {
  const start = Math.max(low, Math.min(one, other));
  const end = Math.min(high, Math.max(one, other, start + step));
  return { start: Math.min(start, end - step), end };
}

/** Give each bar the first `lane` in which it overlaps nothing; the number of lanes. Bars come by their beginning. */
export function pack(bars) {
  const ends = [];
  for (const bar of bars) {
    const free = ends.findIndex((end) => end <= bar.start);
    bar.lane = free < 0 ? ends.length : free;
    ends[bar.lane] = bar.end;
  }
  return Math.max(1, ends.length);
}

/** The one of `bars` that is at a time, or nearest to it. */
export function nearest(bars, at) {
  let best = null;
  let far = Infinity;
  for (const bar of bars) {
    const distance = Math.max(bar.start - at, at - bar.end, 0);
    if (distance < far) [best, far] = [bar, distance];
  }
  return best;
}
