//! State of one hash between rounds, its filling from a seed and its folding into the mix hash.
//!
//! Bodies are plain loops over lanes, always inlined, so that a caller compiled for wider vectors gets them.

use otedama_dag::Item512;

use crate::kiss99::{FNV_OFFSET_BASIS, carried_with, fnv1a, multiply_with_carry};
use crate::program::{ITEM_WORDS_PER_LANE, L1_WORDS, LANES, REGISTERS};

/// One register of every lane.
pub type Row = [u32; LANES];

/// The registers of all lanes, row by row. Generated code addresses it by this layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Mix(pub [Row; REGISTERS]);

/// What a round reads of the dataset, 256 bytes: a group of four words for each lane, which is the lane's number
/// `^` the round's, modulo 16.
pub type Item = [Item512; LANES * ITEM_WORDS_PER_LANE / 16];

/// The first 16 KiB of the dataset as little-endian words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct L1Cache(pub [u32; L1_WORDS]);

/// What the first permutation leaves for the mix: its first two words.
pub type MixSeed = [u32; 2];
/// The mix hash as little-endian words.
pub type MixDigest = [u32; 8];

impl Mix {
    pub const ZERO: Self = Self([[0; LANES]; REGISTERS]);

    #[inline(always)]
    pub fn fill(&mut self, seed: MixSeed) {
        // The multiply-with-carry half of KISS99 is the same in all lanes.
        let mut z = fnv1a(FNV_OFFSET_BASIS, seed[0]);
        let mut w = fnv1a(z, seed[1]);
        let mut jsr: Row = core::array::from_fn(|lane| fnv1a(w, lane as u32));
        let mut jcong: Row = core::array::from_fn(|lane| fnv1a(jsr[lane], lane as u32));
        for row in &mut self.0 {
            let carried = multiply_with_carry(&mut z, &mut w);
            for lane in 0..LANES {
                row[lane] = carried_with(carried, &mut jsr[lane], &mut jcong[lane]);
            }
        }
    }

    #[inline(always)]
    pub fn digest(&self) -> MixDigest {
        let mut lanes = [FNV_OFFSET_BASIS; LANES];
        for row in &self.0 {
            for (hash, word) in lanes.iter_mut().zip(row) {
                *hash = fnv1a(*hash, *word);
            }
        }
        let mut digest = [FNV_OFFSET_BASIS; 8];
        for half in lanes.as_chunks::<8>().0 {
            for (word, lane) in digest.iter_mut().zip(half) {
                *word = fnv1a(*word, *lane);
            }
        }
        digest
    }

    /// The word that chooses the dataset item of a round.
    #[inline(always)]
    pub fn item_selector(&self, round: usize) -> u32 {
        self.0[0][round % LANES]
    }
}

impl L1Cache {
    pub fn zero() -> Box<Self> {
        Box::new(Self([0; L1_WORDS]))
    }

    /// The same as parts of dataset items.
    pub fn items_512(&mut self) -> &mut [Item512] {
        self.0.as_chunks_mut().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kiss99::Kiss99;

    #[test]
    fn each_lane_is_filled_by_a_generator_of_its_own() {
        let seed = [0xee30_4846, 0xddd0_a47b];
        let mut mix = Mix::ZERO;
        mix.fill(seed);
        for lane in 0..LANES {
            let z = fnv1a(FNV_OFFSET_BASIS, seed[0]);
            let w = fnv1a(z, seed[1]);
            let jsr = fnv1a(w, lane as u32);
            let jcong = fnv1a(jsr, lane as u32);
            let mut generator = Kiss99 { z, w, jsr, jcong };
            for row in &mix.0 {
                assert_eq!(row[lane], generator.draw(), "lane {lane}");
            }
        }
    }

    #[test]
    fn the_digest_depends_on_every_word() {
        let mut mix = Mix::ZERO;
        mix.fill([1, 2]);
        let digest = mix.digest();
        for row in 0..REGISTERS {
            for lane in 0..LANES {
                let mut changed = mix;
                changed.0[row][lane] ^= 1;
                let changed = changed.digest();
                let differing: Vec<usize> = (0..8).filter(|word| changed[*word] != digest[*word]).collect();
                assert_eq!(differing, [lane % 8], "row {row}, lane {lane}");
            }
        }
    }
}
