//! SuperscalarHash (specification chapter 6): programs that keep the three integer ports of a reference CPU
//! busy, found by simulating that CPU. The eight of a key turn cache lines into dataset items. This file holds
//! the programs and runs them; the simulation is in `superscalar_generator`.

use crate::blake::BlakeGenerator;
use crate::parameters::CACHE_ACCESSES;
use crate::program::reciprocal;
use crate::superscalar_generator::generate;

/// In the order of the numbers that stand for them in a program's bytes. The immediates come in three code
/// sizes that do the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SuperscalarOperation {
    SubR,
    XorR,
    AddRs,
    MulR,
    RorC,
    AddC7,
    XorC7,
    AddC8,
    XorC8,
    AddC9,
    XorC9,
    MulHR,
    SMulHR,
    MulRcp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuperscalarInstruction {
    pub operation: SuperscalarOperation,
    pub dst: u8,
    /// The destination itself where the operation takes a constant.
    pub src: u8,
    pub modifiers: u8,
    pub imm32: u32,
}

impl SuperscalarInstruction {
    pub const fn shift(self) -> u32 {
        (self.modifiers >> 2 & 3) as u32
    }

    /// The immediate, sign-extended.
    pub const fn immediate(self) -> u64 {
        self.imm32 as i32 as u64
    }
}

#[derive(Clone, Debug)]
pub struct SuperscalarProgram {
    instructions: Vec<SuperscalarInstruction>,
    /// The multiplier of each `MulRcp`, 0 for the others.
    reciprocals: Vec<u64>,
    address_register: usize,
}

impl SuperscalarProgram {
    pub fn generate(generator: &mut BlakeGenerator) -> Self {
        let instructions = generate(generator);
        let reciprocals = instructions.iter().map(|instruction| match instruction.operation {
            SuperscalarOperation::MulRcp => reciprocal(instruction.imm32),
            _ => 0,
        });
        Self {
            reciprocals: reciprocals.collect(),
            address_register: longest_chain(&instructions),
            instructions,
        }
    }

    /// The programs of a key.
    pub fn of_key(key: &[u8]) -> [Self; CACHE_ACCESSES] {
        let mut generator = BlakeGenerator::new(key);
        core::array::from_fn(|_| Self::generate(&mut generator))
    }

    #[cfg(any(test, target_arch = "x86_64"))]
    pub fn instructions(&self) -> &[SuperscalarInstruction] {
        &self.instructions
    }

    /// Multiplier of each instruction that is a `MulRcp`, 0 beside the others.
    #[cfg(target_arch = "x86_64")]
    pub fn reciprocals(&self) -> &[u64] {
        &self.reciprocals
    }

    /// The register with the longest dependency chain: it addresses the next cache line.
    pub const fn address_register(&self) -> usize {
        self.address_register
    }

    /// Runs the program on `N` sets of registers side by side, which shares the cost of finding out what to do.
    pub fn run<const N: usize>(&self, r: &mut [[u64; N]; 8]) {
        use SuperscalarOperation as O;
        for (instruction, &multiplier) in self.instructions.iter().zip(&self.reciprocals) {
            let sources = r[instruction.src as usize % 8];
            let destinations = &mut r[instruction.dst as usize % 8];
            let mut each = |compute: &dyn Fn(u64, u64) -> u64| {
                for (destination, source) in destinations.iter_mut().zip(sources) {
                    *destination = compute(*destination, source);
                }
            };
            let immediate = instruction.immediate();
            match instruction.operation {
                O::SubR => each(&u64::wrapping_sub),
                O::XorR => each(&|old, source| old ^ source),
                O::AddRs => each(&|old, source| old.wrapping_add(source << instruction.shift())),
                O::MulR => each(&u64::wrapping_mul),
                O::RorC => each(&|old, _| old.rotate_right(instruction.imm32 % 64)),
                O::AddC7 | O::AddC8 | O::AddC9 => each(&|old, _| old.wrapping_add(immediate)),
                O::XorC7 | O::XorC8 | O::XorC9 => each(&|old, _| old ^ immediate),
                O::MulHR => each(&multiply_high),
                O::SMulHR => each(&multiply_high_signed),
                O::MulRcp => each(&|old, _| old.wrapping_mul(multiplier)),
            }
        }
    }
}

pub const fn multiply_high(a: u64, b: u64) -> u64 {
    ((a as u128 * b as u128) >> 64) as u64
}

pub const fn multiply_high_signed(a: u64, b: u64) -> u64 {
    ((a as i64 as i128 * b as i64 as i128) >> 64) as u64
}

/// The first register with the longest chain when every operation takes one cycle on endless ports.
fn longest_chain(instructions: &[SuperscalarInstruction]) -> usize {
    let mut chains = [0u32; 8];
    for instruction in instructions {
        let (dst, src) = (instruction.dst as usize, instruction.src as usize);
        chains[dst] = 1 + chains[dst].max(chains[src]);
    }
    let longest = chains.into_iter().max().unwrap_or(0);
    chains.into_iter().position(|chain| chain == longest).unwrap_or(0)
}
