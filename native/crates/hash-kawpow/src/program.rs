//! The random program of a period as plain data: what every round does to the 32 registers of a lane. All 64
//! rounds of a hash run the same program; a new one is drawn every three blocks.

use crate::kiss99::{FNV_OFFSET_BASIS, Kiss99, fnv1a};

/// Blocks that share a program.
pub const PERIOD_BLOCKS: u32 = 3;
/// Mix registers of a lane.
pub const REGISTERS: usize = 32;
/// Lanes of a hash, each with its own registers and all running the same program.
pub const LANES: usize = 16;
/// Passes over the program in one hash.
pub const ROUNDS: usize = 64;
/// Words of the L1 cache, which is the beginning of the dataset.
pub const L1_WORDS: usize = 4096;
/// Words of a dataset item that each lane merges in a round.
pub const ITEM_WORDS_PER_LANE: usize = 4;

const CACHE_ACCESSES: usize = 11;
const MATH_OPERATIONS: usize = 18;
/// Instructions of a program; each but the last four writes a register of its own.
pub const INSTRUCTIONS: usize = CACHE_ACCESSES + MATH_OPERATIONS + ITEM_WORDS_PER_LANE;

/// Where an instruction gets the word from that it merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The word of the L1 cache at the register's value modulo [`L1_WORDS`].
    Cache { index: u8 },
    /// An operation on two different registers.
    Math { math: Math, first: u8, second: u8 },
    /// A word of the lane's share of the round's dataset item.
    Item { word: u8 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Math {
    Add,
    Multiply,
    MultiplyHigh,
    Minimum,
    RotateLeft,
    RotateRight,
    And,
    Or,
    Xor,
    /// Sum of both words' leading zeros, 32 for a word that is zero.
    LeadingZeros,
    /// Sum of both words' set bits.
    SetBits,
}

impl Math {
    pub const ALL: [Self; 11] = [
        Self::Add,
        Self::Multiply,
        Self::MultiplyHigh,
        Self::Minimum,
        Self::RotateLeft,
        Self::RotateRight,
        Self::And,
        Self::Or,
        Self::Xor,
        Self::LeadingZeros,
        Self::SetBits,
    ];
}

/// How a word `b` goes into a register `a`; each way keeps the entropy of `a`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// `a * 33 + b`
    MultiplyAdd,
    /// `(a ^ b) * 33`
    XorMultiply,
    /// `a` rotated left by 1 to 31, `^ b`
    RotateXor { left: u8 },
}

impl Merge {
    fn select(selector: u32) -> Self {
        let turn = ((selector >> 16) % 31 + 1) as u8;
        match selector % 4 {
            0 => Self::MultiplyAdd,
            1 => Self::XorMultiply,
            2 => Self::RotateXor { left: turn },
            // To the right, which is to the left by the rest.
            _ => Self::RotateXor { left: 32 - turn },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    pub source: Source,
    pub merge: Merge,
    pub target: u8,
}

/// The item words come last and in order. Register numbers are below [`REGISTERS`], rotations 1 to 31: the
/// generator can draw nothing else, and nothing else makes programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    period: u32,
    instructions: [Instruction; INSTRUCTIONS],
}

impl Program {
    pub fn for_block(height: u32) -> Self {
        Self::for_period(period_of(height))
    }

    pub fn for_period(period: u32) -> Self {
        Self { period, instructions: Generator::new(period).instructions() }
    }

    pub fn period(&self) -> u32 {
        self.period
    }

    pub fn instructions(&self) -> &[Instruction; INSTRUCTIONS] {
        &self.instructions
    }

    /// A program that was not drawn, for tests of single instructions.
    #[cfg(test)]
    pub fn from_instructions(instructions: [Instruction; INSTRUCTIONS]) -> Self {
        Self { period: u32::MAX, instructions }
    }
}

pub const fn period_of(height: u32) -> u32 {
    height / PERIOD_BLOCKS
}

/// Draws instructions; targets and cache sources each go round a random order of all registers.
struct Generator {
    rng: Kiss99,
    targets: Cycle,
    sources: Cycle,
}

struct Cycle {
    order: [u8; REGISTERS],
    next: usize,
}

impl Cycle {
    fn next(&mut self) -> u8 {
        let register = self.order[self.next % REGISTERS];
        self.next += 1;
        register
    }
}

impl Generator {
    fn new(period: u32) -> Self {
        // The period is a 64-bit seed whose upper half has never been anything but zero.
        let (low, high) = (period, 0);
        let z = fnv1a(FNV_OFFSET_BASIS, low);
        let w = fnv1a(z, high);
        let jsr = fnv1a(w, low);
        let jcong = fnv1a(jsr, high);
        let mut rng = Kiss99 { z, w, jsr, jcong };
        let mut targets: [u8; REGISTERS] = core::array::from_fn(|register| register as u8);
        let mut sources = targets;
        for last in (1..REGISTERS).rev() {
            targets.swap(last, rng.draw() as usize % (last + 1));
            sources.swap(last, rng.draw() as usize % (last + 1));
        }
        Self { rng, targets: Cycle { order: targets, next: 0 }, sources: Cycle { order: sources, next: 0 } }
    }

    fn instructions(mut self) -> [Instruction; INSTRUCTIONS] {
        let mut drawn = Vec::with_capacity(INSTRUCTIONS);
        for turn in 0..MATH_OPERATIONS.max(CACHE_ACCESSES) {
            if turn < CACHE_ACCESSES {
                drawn.push(self.cache_access());
            }
            if turn < MATH_OPERATIONS {
                drawn.push(self.math_operation());
            }
        }
        for word in 0..ITEM_WORDS_PER_LANE as u8 {
            // The first word always goes to register 0, from which the next round takes its item.
            let target = if word == 0 { 0 } else { self.targets.next() };
            let merge = Merge::select(self.rng.draw());
            drawn.push(Instruction { source: Source::Item { word }, merge, target });
        }
        core::array::from_fn(|index| drawn[index])
    }

    fn cache_access(&mut self) -> Instruction {
        let source = Source::Cache { index: self.sources.next() };
        let target = self.targets.next();
        Instruction { source, target, merge: Merge::select(self.rng.draw()) }
    }

    fn math_operation(&mut self) -> Instruction {
        // One draw gives an ordered pair of different registers.
        let pair = self.rng.draw() as usize % (REGISTERS * (REGISTERS - 1));
        let first = pair % REGISTERS;
        let second = pair / REGISTERS;
        let second = if second >= first { second + 1 } else { second };
        let math = Math::ALL[self.rng.draw() as usize % Math::ALL.len()];
        let source = Source::Math { math, first: first as u8, second: second as u8 };
        let target = self.targets.next();
        Instruction { source, target, merge: Merge::select(self.rng.draw()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_a_period_share_a_program() {
        assert_eq!(Program::for_block(30), Program::for_block(32));
        assert_ne!(Program::for_block(32), Program::for_block(33));
        assert_eq!(Program::for_block(u32::MAX).period(), u32::MAX / 3);
    }

    #[test]
    fn every_register_is_written_once_and_the_first_twice() {
        for period in 0..500 {
            let mut writes = [0; REGISTERS];
            for instruction in Program::for_period(period).instructions() {
                writes[usize::from(instruction.target)] += 1;
            }
            assert_eq!(writes[0], 2, "period {period}");
            assert_eq!(writes[1..], [1; REGISTERS - 1], "period {period}");
        }
    }

    #[test]
    fn instructions_stay_within_their_limits() {
        for period in (0..3000).chain(u32::MAX - 100..=u32::MAX) {
            for Instruction { source, merge, target } in *Program::for_period(period).instructions() {
                assert!(usize::from(target) < REGISTERS);
                match source {
                    Source::Cache { index } => assert!(usize::from(index) < REGISTERS),
                    Source::Math { first, second, .. } => {
                        assert!(first != second);
                        assert!(usize::from(first.max(second)) < REGISTERS);
                    }
                    Source::Item { word } => assert!(usize::from(word) < ITEM_WORDS_PER_LANE),
                }
                if let Merge::RotateXor { left } = merge {
                    assert!((1..32).contains(&left));
                }
            }
        }
    }
}
