use otedama_primitives::{BlockHeader, U256};
use otedama_sha256::rounds::Working;
use otedama_sha256::{INITIAL_STATE, ROUND_CONSTANTS, State, reference};

/// Everything of a header that does not depend on its nonce.
pub struct Prepared {
    /// State after the first 64 header bytes.
    pub midstate: State,
    /// Working variables after the first three rounds of the second block: their words are known.
    pub after_round_2: State,
    /// The words before the nonce: end of the merkle root, time, bits.
    pub tail: [u32; 3],
    /// Bits of the hash's last word (as SHA-256 computes it) that must be zero for the target to be met.
    pub zero_mask: u32,
}

impl Prepared {
    pub fn new(header: &BlockHeader, target: &U256) -> Self {
        let mut midstate = INITIAL_STATE;
        reference::compress(&mut midstate, header.first_block());
        let [merkle, time, bits, _] = header.tail_words();
        let tail = [merkle, time, bits];
        // SAFETY: one lane of plain integer code needs no instruction set.
        let after_round_2 = unsafe {
            let mut working = Working::<u32>::new(midstate);
            for (word, constant) in tail.iter().zip(ROUND_CONSTANTS) {
                working.round(word.wrapping_add(constant));
            }
            working.words
        };
        Self { midstate, after_round_2, tail, zero_mask: zero_mask(target) }
    }
}

/// A hash at or below the target has at least the target's leading zero bits. As a number the hash is
/// little-endian while SHA-256 words are big-endian, hence the swap.
fn zero_mask(target: &U256) -> u32 {
    let zeros = target.top_u32().leading_zeros();
    u32::MAX.checked_shl(32 - zeros).unwrap_or(0).swap_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demands_exactly_the_leading_zeros_of_the_target() {
        let mask = |top: u32| zero_mask(&U256::from_limbs([0, 0, 0, u64::from(top) << 32]));
        assert_eq!(mask(0), u32::MAX);
        assert_eq!(mask(1), 0xfeff_ffff);
        assert_eq!(mask(0x00ff_ffff), 0x0000_00ff);
        assert_eq!(mask(0x7fff_ffff), 0x0000_0080);
        assert_eq!(mask(0x8000_0000), 0);
        assert_eq!(mask(u32::MAX), 0);
    }
}
