//! Difficulty is a figure for people and for `mining.set_difficulty`; judging is done on integer targets.

use crate::U256;

/// Numerator of the pool difficulty: 0xffff * 2^208 has difficulty 1.
const DIFFICULTY_1_MANTISSA: u64 = 0xffff;
const DIFFICULTY_1_SHIFT: i32 = 208;

/// Difficulty of a compact target, computed as nodes do it (the mantissa is taken as unsigned 24 bits).
/// Infinite for a zero mantissa.
pub fn difficulty_of_bits(bits: u32) -> f64 {
    let mut difficulty = DIFFICULTY_1_MANTISSA as f64 / f64::from(bits & 0x00ff_ffff);
    // 0x1d is the size byte of the difficulty 1 target: each byte more or less is a factor of 256.
    let size = bits >> 24;
    for _ in size..0x1d {
        difficulty *= 256.0;
    }
    for _ in 0x1d..size {
        difficulty /= 256.0;
    }
    difficulty
}

/// floor(0xffff * 2^208 / difficulty) in exact arithmetic of the double, capped at 2^256 - 1.
/// `None` for zero, negative and non-finite difficulties.
pub fn target_for_difficulty(difficulty: f64) -> Option<U256> {
    if !difficulty.is_finite() || difficulty <= 0.0 {
        return None;
    }
    // difficulty = mantissa * 2^exponent exactly.
    let raw = difficulty.to_bits();
    let field = (raw >> 52) as i32 & 0x7ff;
    let fraction = raw & ((1 << 52) - 1);
    let (mantissa, exponent) =
        if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
    // Beyond 2^208 the mantissa is a full 53 bits and the quotient is below one.
    let shift = u32::try_from(DIFFICULTY_1_SHIFT - exponent).ok();
    Some(shift.map_or(U256::ZERO, |shift| divide_shifted(DIFFICULTY_1_MANTISSA, shift, mantissa)))
}

/// floor(numerator * 2^shift / divisor) by long division, capped at 2^256 - 1; 0 < divisor < 2^53.
fn divide_shifted(numerator: u64, shift: u32, divisor: u64) -> U256 {
    let mut quotient = U256::from_u64(numerator / divisor);
    let mut remainder = numerator % divisor;
    for _ in 0..shift {
        if quotient.bit_length() == 256 {
            return U256::MAX;
        }
        remainder <<= 1; // below 2^54: the remainder is smaller than the divisor
        let bit = u64::from(remainder >= divisor);
        remainder -= bit * divisor;
        quotient = quotient.shl(1).bit_or(U256::from_u64(bit));
    }
    quotient
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_a_difficulty() {
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(target_for_difficulty(value), None);
        }
    }

    #[test]
    fn caps_at_both_ends() {
        assert_eq!(target_for_difficulty(f64::MIN_POSITIVE / 4.0), Some(U256::MAX));
        assert_eq!(target_for_difficulty(f64::MAX), Some(U256::ZERO));
    }

    #[test]
    fn one_is_the_pool_difficulty_1_target() {
        assert_eq!(target_for_difficulty(1.0), Some(U256::from_u64(0xffff).shl(208)));
        assert_eq!(difficulty_of_bits(0x1d00_ffff), 1.0);
    }
}
