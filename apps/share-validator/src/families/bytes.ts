/** The native side takes Buffers; a Uint8Array of ours is viewed, not copied. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

export const hexOf = (bytes: Uint8Array): string => asBuffer(bytes).toString('hex');
