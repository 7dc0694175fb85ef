/** The time of spans: that of the system, with the fractions of a millisecond that its own clock leaves out. */

/** The system's clock was set, or the other one has drifted from it. */
const MAX_APART_MS = 2;

export const createSpanClock = (): (() => number) => {
  let offsetMs = Date.now() - performance.now();
  return () => {
    const nowMs = performance.now();
    const systemMs = Date.now();
    if (Math.abs(offsetMs + nowMs - systemMs) > MAX_APART_MS) offsetMs = systemMs - nowMs;
    return offsetMs + nowMs;
  };
};
