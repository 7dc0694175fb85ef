//! From a difficulty, which headers and protocols name, to the number that hashes are compared with.

use otedama_primitives::U256;

/// floor(2^256 / difficulty), the highest hash that meets it; the largest number for difficulties 0 and 1.
pub fn boundary_of_difficulty(difficulty: &U256) -> U256 {
    let one = U256::from_u64(1);
    if *difficulty <= one {
        return U256::MAX;
    }
    // Long division of a one followed by 256 zero bits. The remainder stays below the difficulty, so twice the
    // remainder is compared by its distance to the difficulty, which cannot overflow.
    let mut quotient = U256::ZERO;
    let mut remainder = one;
    for _ in 0..256 {
        quotient = quotient.shl(1);
        let distance = difficulty.checked_sub(remainder).unwrap_or(U256::ZERO);
        match remainder.checked_sub(distance) {
            Some(left) => {
                quotient = quotient.bit_or(one);
                remainder = left;
            }
            None => remainder = remainder.shl(1),
        }
    }
    quotient
}
