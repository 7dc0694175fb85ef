//! The two small generators of ProgPoW: FNV-1a, which turns seeds into generator states and folds mixes into
//! digests, and KISS99, which draws programs and fills mixes.

/// Start of every FNV-1a chain.
pub const FNV_OFFSET_BASIS: u32 = 0x811c_9dc5;
const FNV_PRIME: u32 = 0x0100_0193;

#[inline(always)]
pub const fn fnv1a(hash: u32, word: u32) -> u32 {
    (hash ^ word).wrapping_mul(FNV_PRIME)
}

/// Marsaglia's KISS99: two multiply-with-carry generators, a congruential one and a shift register.
#[derive(Clone, Debug)]
pub struct Kiss99 {
    pub z: u32,
    pub w: u32,
    pub jsr: u32,
    pub jcong: u32,
}

impl Kiss99 {
    /// Draws the next number.
    pub fn draw(&mut self) -> u32 {
        let carried = multiply_with_carry(&mut self.z, &mut self.w);
        carried_with(carried, &mut self.jsr, &mut self.jcong)
    }
}

/// The half of a draw that looks at `z` and `w` only.
#[inline(always)]
pub const fn multiply_with_carry(z: &mut u32, w: &mut u32) -> u32 {
    *z = 36969 * (*z & 0xffff) + (*z >> 16);
    *w = 18000 * (*w & 0xffff) + (*w >> 16);
    (*z << 16).wrapping_add(*w)
}

/// The other half: what the first gave, with the steps of `jsr` and `jcong`.
#[inline(always)]
pub const fn carried_with(carried: u32, jsr: &mut u32, jcong: &mut u32) -> u32 {
    *jcong = jcong.wrapping_mul(69069).wrapping_add(1_234_567);
    *jsr ^= *jsr << 17;
    *jsr ^= *jsr >> 13;
    *jsr ^= *jsr << 5;
    (carried ^ *jcong).wrapping_add(*jsr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kiss99_reaches_the_number_of_its_author() {
        // ProgPoW's specification repeats the 100,000th number of Marsaglia's default seed.
        let mut generator = Kiss99 { z: 362_436_069, w: 521_288_629, jsr: 123_456_789, jcong: 380_116_160 };
        let drawn: Vec<u32> = (0..100_000).map(|_| generator.draw()).collect();
        assert_eq!(drawn[..3], [769_445_856, 742_012_328, 2_121_196_314]);
        assert_eq!(drawn[99_999], 941_074_834);
    }

    #[test]
    fn fnv1a_multiplies_after_the_exclusive_or() {
        assert_eq!(fnv1a(FNV_OFFSET_BASIS, 0xddd0_a47b), 0xd37e_e61a);
    }
}
