/**
 * What the process keeps for peers that do not keep up: bytes heard and not read, bytes sent and not taken. Each peer
 * has its own bounds; this is the bound of all together, and when it is passed the largest heaps go, those of peers
 * that never worked first.
 */
export interface Heap {
  /** In bytes, looked at anew. */
  measure(): number;
  readonly hasWorked: boolean;
  /** Its peer is cut off. */
  drop(): void;
}

/** So much of the bound is left free by a clearance, that the next byte does not bring the next one. */
const CLEARED_SHARE = 0.9;

export class PeerMemory {
  readonly #maxBytes: number;
  /** Those that have something, as last told. */
  readonly #heaps = new Map<Heap, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The heap has changed. */
  tell(heap: Heap, bytes: number): void {
    this.#set(heap, bytes);
    if (this.#bytes > this.#maxBytes) this.#clear();
  }

  /** Its peer is gone. */
  forget(heap: Heap): void {
    this.#set(heap, 0);
  }

  #set(heap: Heap, bytes: number): void {
    this.#bytes += bytes - (this.#heaps.get(heap) ?? 0);
    if (bytes > 0) this.#heaps.set(heap, bytes);
    else this.#heaps.delete(heap);
  }

  #clear(): void {
    for (const heap of this.#heaps.keys()) this.#set(heap, heap.measure());
    const largest = [...this.#heaps].sort(
      ([a, aBytes], [b, bBytes]) => Number(a.hasWorked) - Number(b.hasWorked) || bBytes - aBytes,
    );
    for (const [heap] of largest) {
      if (this.#bytes <= this.#maxBytes * CLEARED_SHARE) return;
      this.#set(heap, 0);
      heap.drop();
    }
  }
}
