//! PBKDF2-HMAC-SHA256 around the mixing, for a group of headers at once. The header is password and salt, so
//! the states after its first block and after the HMAC pads are shared by everything that can share them.

use otedama_primitives::{BlockHeader, HEADER_BYTES, Hash};
use otedama_sha256::{Block as Sha256Block, Engine, INITIAL_STATE, State, closing_block, state_to_bytes};

use crate::romix::Block;
use crate::swap_words;

/// Lanes of the widest kernel.
pub const MAX_LANES: usize = 12;

/// Blocks of 32 bytes that the first derivation has to give: 128 bytes.
const OUTPUTS: usize = 4;

const PAD_BYTES: u64 = 64;
const DIGEST_BYTES: u64 = 32;
/// Messages end in the number of the output block.
const NUMBER_BYTES: u64 = 4;

/// The group's HMAC key states, kept for the second derivation.
pub struct Derivation {
    inner: [State; MAX_LANES],
    outer: [State; MAX_LANES],
}

impl Derivation {
    /// Derives 128 bytes for each header into `blocks`; `midstates` follow the headers' first 64 bytes.
    pub fn start(
        engine: &Engine,
        headers: &[BlockHeader],
        midstates: &[State],
        blocks: &mut [Block],
    ) -> Self {
        let count = headers.len();
        let derivation = Self::key(engine, headers, midstates);
        let mut messages = [[0u8; 64]; MAX_LANES];
        for (message, header) in messages.iter_mut().zip(headers) {
            *message = *header.first_block();
        }
        let mut salted = derivation.inner;
        engine.compress_many(&mut salted[..count], &messages[..count]);

        let mut states = [INITIAL_STATE; MAX_LANES * OUTPUTS];
        let mut messages = [[0u8; 64]; MAX_LANES * OUTPUTS];
        for (lane, header) in headers.iter().enumerate() {
            for output in 0..OUTPUTS {
                let mut end = [0u8; 20];
                end[..16].copy_from_slice(&header.as_bytes()[64..]);
                end[16..].copy_from_slice(&(output as u32 + 1).to_be_bytes());
                let total = PAD_BYTES + HEADER_BYTES as u64 + NUMBER_BYTES;
                messages[OUTPUTS * lane + output] = closing_block(&end, total);
                states[OUTPUTS * lane + output] = salted[lane];
            }
        }
        let used = OUTPUTS * count;
        engine.compress_many(&mut states[..used], &messages[..used]);
        let mut outer = [INITIAL_STATE; MAX_LANES * OUTPUTS];
        for (index, state) in outer[..used].iter_mut().enumerate() {
            *state = derivation.outer[index / OUTPUTS];
        }
        close_outer(engine, &mut states[..used], &mut outer[..used]);
        for (block, outputs) in blocks.iter_mut().zip(outer[..used].as_chunks::<OUTPUTS>().0) {
            for (words, output) in block.as_chunks_mut::<8>().0.iter_mut().zip(outputs) {
                *words = output.map(u32::swap_bytes);
            }
        }
        derivation
    }

    /// Derives the 32-byte hashes from the mixed blocks.
    pub fn finish(mut self, engine: &Engine, blocks: &[Block], hashes: &mut [Hash]) {
        let count = hashes.len();
        let mut messages = [[0u8; 64]; MAX_LANES];
        for half in 0..2 {
            for (message, block) in messages.iter_mut().zip(blocks).take(count) {
                let block = swap_words(block);
                for (bytes, word) in message.as_chunks_mut::<4>().0.iter_mut().zip(&block[16 * half..]) {
                    *bytes = word.to_be_bytes();
                }
            }
            engine.compress_many(&mut self.inner[..count], &messages[..count]);
        }
        let end = closing_block(&1u32.to_be_bytes(), PAD_BYTES + 128 + NUMBER_BYTES);
        engine.compress_many(&mut self.inner[..count], &[end; MAX_LANES][..count]);
        close_outer(engine, &mut self.inner[..count], &mut self.outer[..count]);
        for (hash, state) in hashes.iter_mut().zip(&self.outer) {
            *hash = state_to_bytes(state);
        }
    }

    /// HMAC states after the padded key; a header is longer than a block, so the key is its digest.
    fn key(engine: &Engine, headers: &[BlockHeader], midstates: &[State]) -> Self {
        let count = headers.len();
        let mut digests = [INITIAL_STATE; MAX_LANES];
        digests[..count].copy_from_slice(midstates);
        let mut messages = [[0u8; 64]; MAX_LANES];
        for (message, header) in messages.iter_mut().zip(headers) {
            *message = closing_block(&header.as_bytes()[64..], HEADER_BYTES as u64);
        }
        engine.compress_many(&mut digests[..count], &messages[..count]);

        let mut states = [INITIAL_STATE; 2 * MAX_LANES];
        let mut messages = [[0u8; 64]; 2 * MAX_LANES];
        for (lane, digest) in digests[..count].iter().enumerate() {
            messages[lane] = padded_key(digest, 0x36);
            messages[count + lane] = padded_key(digest, 0x5c);
        }
        engine.compress_many(&mut states[..2 * count], &messages[..2 * count]);
        let mut derivation = Self { inner: [INITIAL_STATE; MAX_LANES], outer: [INITIAL_STATE; MAX_LANES] };
        derivation.inner[..count].copy_from_slice(&states[..count]);
        derivation.outer[..count].copy_from_slice(&states[count..2 * count]);
        derivation
    }
}

fn padded_key(digest: &State, pad: u8) -> Sha256Block {
    let mut block = [pad; 64];
    for (byte, key) in block.iter_mut().zip(state_to_bytes(digest)) {
        *byte ^= key;
    }
    block
}

/// Feeds the inner digests to the outer hashes.
fn close_outer(engine: &Engine, inner: &mut [State], outer: &mut [State]) {
    let mut messages = [[0u8; 64]; MAX_LANES * OUTPUTS];
    for (message, digest) in messages.iter_mut().zip(&*inner) {
        *message = closing_block(&state_to_bytes(digest), PAD_BYTES + DIGEST_BYTES);
    }
    engine.compress_many(outer, &messages[..outer.len()]);
}
