use core::cmp::Ordering;

/// Unsigned 256-bit integer; limbs from least to most significant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct U256([u64; 4]);

impl U256 {
    pub const ZERO: Self = Self([0; 4]);
    pub const MAX: Self = Self([u64::MAX; 4]);

    pub const fn from_limbs(limbs: [u64; 4]) -> Self {
        Self(limbs)
    }

    pub const fn from_u64(value: u64) -> Self {
        Self([value, 0, 0, 0])
    }

    pub fn from_le_bytes(bytes: &[u8; 32]) -> Self {
        let mut limbs = [0u64; 4];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *limb = u64::from_le_bytes(*chunk);
        }
        Self(limbs)
    }

    pub fn to_le_bytes(self) -> [u8; 32] {
        let mut bytes = [0u8; 32];
        for (chunk, limb) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(self.0) {
            *chunk = limb.to_le_bytes();
        }
        bytes
    }

    /// The number as it is printed: most significant byte first.
    pub fn from_be_bytes(mut bytes: [u8; 32]) -> Self {
        bytes.reverse();
        Self::from_le_bytes(&bytes)
    }

    pub const fn is_zero(&self) -> bool {
        self.0[0] | self.0[1] | self.0[2] | self.0[3] == 0
    }

    /// The 32 most significant bits: what a kernel can test before it knows the rest of a hash.
    pub const fn top_u32(&self) -> u32 {
        (self.0[3] >> 32) as u32
    }

    /// Bits needed to write the number; 0 for zero.
    pub const fn bit_length(&self) -> u32 {
        let mut index = 4;
        while index > 0 {
            index -= 1;
            if self.0[index] != 0 {
                return 64 * index as u32 + 64 - self.0[index].leading_zeros();
            }
        }
        0
    }

    /// Bits shifted beyond 2^256 are lost.
    pub const fn shl(self, count: u32) -> Self {
        let mut out = [0u64; 4];
        let (whole, part) = ((count / 64) as usize, count % 64);
        let mut index = whole;
        while index < 4 {
            out[index] = self.0[index - whole] << part;
            if part > 0 && index > whole {
                out[index] |= self.0[index - whole - 1] >> (64 - part);
            }
            index += 1;
        }
        Self(out)
    }

    pub const fn shr(self, count: u32) -> Self {
        let mut out = [0u64; 4];
        let (whole, part) = ((count / 64) as usize, count % 64);
        let mut index = 0;
        while index + whole < 4 {
            out[index] = self.0[index + whole] >> part;
            if part > 0 && index + whole + 1 < 4 {
                out[index] |= self.0[index + whole + 1] << (64 - part);
            }
            index += 1;
        }
        Self(out)
    }

    /// The low 64 bits.
    pub const fn low_u64(&self) -> u64 {
        self.0[0]
    }

    pub const fn bit_or(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        Self([a[0] | b[0], a[1] | b[1], a[2] | b[2], a[3] | b[3]])
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        let mut out = [0u64; 4];
        let mut carry = false;
        for (index, limb) in out.iter_mut().enumerate() {
            let (sum, over) = self.0[index].overflowing_add(other.0[index]);
            let (sum, over_carry) = sum.overflowing_add(u64::from(carry));
            *limb = sum;
            carry = over | over_carry;
        }
        (!carry).then_some(Self(out))
    }

    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let mut out = [0u64; 4];
        let mut borrow = false;
        for (index, limb) in out.iter_mut().enumerate() {
            let (difference, under) = self.0[index].overflowing_sub(other.0[index]);
            let (difference, under_borrow) = difference.overflowing_sub(u64::from(borrow));
            *limb = difference;
            borrow = under | under_borrow;
        }
        (!borrow).then_some(Self(out))
    }
}

impl Ord for U256 {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
}

impl PartialOrd for U256 {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_by_the_most_significant_limb_first() {
        let low = U256::from_limbs([u64::MAX, u64::MAX, u64::MAX, 0]);
        let high = U256::from_limbs([0, 0, 0, 1]);
        assert!(low < high);
        assert_eq!(low.checked_add(U256::from_u64(1)), Some(high));
        assert_eq!(high.checked_sub(U256::from_u64(1)), Some(low));
    }

    #[test]
    fn keeps_bytes_in_both_orders() {
        let mut bytes = [0u8; 32];
        bytes[31] = 0x80;
        bytes[0] = 7;
        let value = U256::from_le_bytes(&bytes);
        assert_eq!(value.to_le_bytes(), bytes);
        bytes.reverse();
        assert_eq!(U256::from_be_bytes(bytes), value);
        assert_eq!(value.top_u32(), 0x8000_0000);
        assert_eq!(value.bit_length(), 256);
    }

    #[test]
    fn shifts_across_limbs_and_off_the_end() {
        let value = U256::from_u64(0x8000_0000_0000_0001);
        for count in 0..320 {
            let shifted = value.shl(count);
            assert_eq!(shifted.bit_length(), if count < 193 { 64 + count } else { top_bit(count) });
            if count < 193 {
                assert_eq!(shifted.shr(count), value);
            }
        }
        fn top_bit(count: u32) -> u32 {
            if count < 256 { count + 1 } else { 0 }
        }
    }

    #[test]
    fn refuses_to_wrap() {
        assert_eq!(U256::MAX.checked_add(U256::from_u64(1)), None);
        assert_eq!(U256::ZERO.checked_sub(U256::from_u64(1)), None);
        assert!(U256::ZERO.is_zero());
    }
}
