//! The 32-bit "bits" form of a target: one byte of size in bytes, 23 bits of mantissa, one sign bit.

use crate::U256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compact {
    /// The magnitude; only its low 256 bits when `overflow` is set.
    pub value: U256,
    pub negative: bool,
    pub overflow: bool,
}

impl Compact {
    /// The value when consensus takes it as a proof-of-work target.
    pub fn pow_target(&self) -> Option<U256> {
        (!self.negative && !self.overflow && !self.value.is_zero()).then_some(self.value)
    }
}

const SIGN: u32 = 0x0080_0000;

pub fn decode_compact(bits: u32) -> Compact {
    let size = bits >> 24;
    let mantissa = bits & 0x007f_ffff;
    let value = if size <= 3 {
        U256::from_u64(u64::from(mantissa >> (8 * (3 - size))))
    } else {
        U256::from_u64(u64::from(mantissa)).shl(8 * (size - 3))
    };
    // Consensus looks at the mantissa before the right shift for the sign only when something is left of it.
    let word = if size <= 3 { value.low_u64() as u32 } else { mantissa };
    Compact {
        value,
        negative: word != 0 && bits & SIGN != 0,
        overflow: word != 0 && (size > 34 || (word > 0xff && size > 33) || (word > 0xffff && size > 32)),
    }
}

/// The shortest compact form of a non-negative value; bits below the mantissa are cut off.
pub fn encode_compact(value: U256) -> u32 {
    let size = value.bit_length().div_ceil(8);
    let mantissa = if size <= 3 {
        (value.low_u64() << (8 * (3 - size))) as u32
    } else {
        value.shr(8 * (size - 3)).low_u64() as u32
    };
    // A mantissa that would be read as negative moves up one byte.
    if mantissa & SIGN == 0 { mantissa | size << 24 } else { mantissa >> 8 | (size + 1) << 24 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_overflow_at_each_mantissa_width() {
        assert!(!decode_compact(0x2200_0001).overflow);
        assert!(decode_compact(0x2300_0001).overflow);
        assert!(!decode_compact(0x2100_0100).overflow);
        assert!(decode_compact(0x2200_0100).overflow);
        assert!(!decode_compact(0x2001_0000).overflow);
        assert!(decode_compact(0x2101_0000).overflow);
        assert!(decode_compact(0xff12_3456).overflow);
        assert!(!decode_compact(0xff00_0000).overflow);
    }

    #[test]
    fn takes_only_positive_values_as_targets() {
        assert_eq!(decode_compact(0x0492_3456).pow_target(), None);
        assert_eq!(decode_compact(0xff12_3456).pow_target(), None);
        assert_eq!(decode_compact(0).pow_target(), None);
        assert_eq!(decode_compact(0x0112_3456).pow_target(), Some(U256::from_u64(0x12)));
    }
}
