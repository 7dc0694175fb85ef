//! SHA-256 as the standard writes it, without any trick: what every backend must equal.

use crate::{Block, INITIAL_STATE, ROUND_CONSTANTS, State, closing_block, state_to_bytes};

pub fn compress(state: &mut State, block: &Block) {
    let mut w = [0u32; 64];
    for (word, bytes) in w.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for t in 16..64 {
        let s0 = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
        let s1 = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
        w[t] = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for t in 0..64 {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let ch = (e & f) ^ (!e & g);
        let t1 = h.wrapping_add(s1).wrapping_add(ch).wrapping_add(ROUND_CONSTANTS[t]).wrapping_add(w[t]);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let maj = (a & b) ^ (a & c) ^ (b & c);
        (h, g, f, e) = (g, f, e, d.wrapping_add(t1));
        (d, c, b, a) = (c, b, a, t1.wrapping_add(s0).wrapping_add(maj));
    }
    for (word, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(add);
    }
}

pub fn sha256(message: &[u8]) -> [u8; 32] {
    digest_with(message, compress)
}

pub fn sha256d(message: &[u8]) -> [u8; 32] {
    sha256(&sha256(message))
}

/// Digest of a message of any length with a given compression function.
pub(crate) fn digest_with(message: &[u8], compress: impl Fn(&mut State, &Block)) -> [u8; 32] {
    state_to_bytes(&finish_with(INITIAL_STATE, 0, message, compress))
}

/// Absorbs `rest` and the padding after `absorbed` bytes (whole blocks) have gone into `state`.
pub(crate) fn finish_with(
    mut state: State,
    absorbed: u64,
    rest: &[u8],
    compress: impl Fn(&mut State, &Block),
) -> State {
    let (blocks, tail) = rest.as_chunks::<64>();
    for block in blocks {
        compress(&mut state, block);
    }
    let total = absorbed + rest.len() as u64;
    if tail.len() < 56 {
        compress(&mut state, &closing_block(tail, total));
    } else {
        let mut full = [0u8; 64];
        full[..tail.len()].copy_from_slice(tail);
        full[tail.len()] = 0x80;
        compress(&mut state, &full);
        // The 0x80 marker is already out: a block of zeros and the length is left.
        let mut last = closing_block(&[], total);
        last[0] = 0;
        compress(&mut state, &last);
    }
    state
}
