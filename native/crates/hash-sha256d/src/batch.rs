use otedama_primitives::{BlockHeader, HEADER_BYTES, Hash};
use otedama_sha256::{Engine, INITIAL_STATE, closing_block};

/// Headers per round trip through the engine: a multiple of every engine's lanes, small enough for the stack.
const GROUP: usize = 32;

pub fn hash_headers(engine: &Engine, headers: &[BlockHeader], hashes: &mut [Hash]) {
    assert_eq!(headers.len(), hashes.len(), "one hash for each header");
    for (headers, hashes) in headers.chunks(GROUP).zip(hashes.chunks_mut(GROUP)) {
        let mut states = [INITIAL_STATE; GROUP];
        let mut blocks = [[0u8; 64]; GROUP];
        let states = &mut states[..headers.len()];
        let blocks = &mut blocks[..headers.len()];
        for (block, header) in blocks.iter_mut().zip(headers) {
            *block = *header.first_block();
        }
        engine.compress_many(states, blocks);
        for (block, header) in blocks.iter_mut().zip(headers) {
            *block = closing_block(&header.as_bytes()[64..], HEADER_BYTES as u64);
        }
        engine.compress_many(states, blocks);
        engine.digest_states(states, hashes);
    }
}
