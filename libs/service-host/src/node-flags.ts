/**
 * How Node is to run the program, for whatever starts a process of it. What is not written in TypeScript says the
 * same in its own words, and node-flags.test.ts compares them: a compile cache holds for the flags it was made with.
 */
export const NODE_FLAGS: readonly string[] = [
  '--no-warnings',
  // The next three: docs/adr/0026. V8's helpers would take turns of the one processor that most services have.
  '--single-threaded-gc',
  // In MiB. What a share makes dies in a few milliseconds: what a small collection still finds takes one to copy.
  '--max-semi-space-size=4',
  // The whole heap is marked when it has grown by so much since the last time, not by 8 MiB.
  '--heap-growing-percent=300',
];
