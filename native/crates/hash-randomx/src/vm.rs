//! The virtual machine around its programs (specification chapter 2): fills the scratchpad from the input,
//! chains eight programs, and takes the fingerprint.

use otedama_hash_api::{HashError, Interrupt};
use otedama_memory::{PageReport, Pages, Region};
use otedama_primitives::Hash;

use crate::SeedMemory;
use crate::aes::{Aes, State};
use crate::blake::{hash_256, hash_512};
use crate::engine::{Engine, Lane};
use crate::machine::{Registers, Rounding};
use crate::parameters::{PROGRAM_COUNT, SCRATCHPAD_BYTES, Variant};
use crate::program::Program;

/// What belongs to one hash.
#[derive(Debug)]
struct Hashing {
    scratchpad: Region,
    program: Box<Program>,
    /// The generator's state: fills the next program.
    state: State,
    registers: Registers,
    rounding: Rounding,
}

impl Hashing {
    fn new() -> Result<Self, HashError> {
        Ok(Self {
            scratchpad: Region::allocate(SCRATCHPAD_BYTES, Pages::Largest, None)?,
            program: Box::new(Program::new()),
            state: [0; 64],
            registers: Registers::default(),
            rounding: Rounding::Nearest,
        })
    }

    fn lane(&mut self) -> Lane<'_> {
        Lane {
            program: &self.program,
            registers: &mut self.registers,
            rounding: &mut self.rounding,
            scratchpad: self.scratchpad.bytes_mut(),
        }
    }

    /// The result, with the fingerprint in place of group A.
    fn close(&self, fingerprint: &State) -> Hash {
        hash_256(&[&self.registers.to_bytes()[..192], fingerprint])
    }
}

/// Works on one hash or on a pair, whose programs take turns.
#[derive(Debug)]
pub struct Vm {
    variant: Variant,
    engine: Engine,
    aes: Aes,
    first: Hashing,
    second: Option<Hashing>,
}

impl Vm {
    pub fn new(variant: Variant, engine: Engine, aes: Aes) -> Result<Self, HashError> {
        Ok(Self { variant, engine, aes, first: Hashing::new()?, second: None })
    }

    pub const fn pages(&self) -> &PageReport {
        self.first.scratchpad.had()
    }

    /// How many hashes are best worked on at a time.
    pub const fn lanes(&self) -> usize {
        if self.second.is_some() { 2 } else { 1 }
    }

    /// Makes or drops the second scratchpad.
    pub fn set_paired(&mut self, is_paired: bool) -> Result<(), HashError> {
        if !is_paired {
            self.second = None;
        } else if self.second.is_none() {
            self.second = Some(Hashing::new()?);
        }
        Ok(())
    }

    /// Lane 1 where there are two, else lane 0.
    const fn hashing(&mut self, lane: usize) -> &mut Hashing {
        match &mut self.second {
            Some(second) if lane == 1 => second,
            _ => &mut self.first,
        }
    }

    pub fn begin(&mut self, lane: usize, input: &[u8]) {
        let aes = self.aes;
        let hashing = self.hashing(lane);
        hashing.state = hash_512(input);
        aes.fill(&mut hashing.state, hashing.scratchpad.bytes_mut());
    }

    /// The chain of programs of the first `lanes` hashes; false if interrupted, and then they are worthless.
    pub fn run_programs(&mut self, lanes: usize, memory: &SeedMemory, interrupt: &Interrupt<'_>) -> bool {
        let size = self.variant.program_size();
        let second = self.second.as_mut().filter(|_| lanes == 2);
        let mut hashings: Vec<&mut Hashing> = [Some(&mut self.first), second].into_iter().flatten().collect();
        for number in 0..PROGRAM_COUNT {
            if interrupt.is_raised() {
                return false;
            }
            for hashing in &mut hashings {
                if number == 0 {
                    hashing.rounding = Rounding::Nearest;
                } else {
                    hashing.state = hash_512(&hashing.registers.to_bytes());
                }
                self.aes.fill_program(&hashing.state, hashing.program.bytes_mut(size));
            }
            let lines = memory.lines();
            let is_whole = match hashings.as_mut_slice() {
                [first, second] => self.engine.run_pair([first.lane(), second.lane()], lines, interrupt),
                [first, ..] => self.engine.run(first.lane(), lines, interrupt),
                [] => true,
            };
            if !is_whole {
                return false;
            }
        }
        true
    }

    pub fn finish(&mut self, lane: usize) -> Hash {
        let aes = self.aes;
        let hashing = self.hashing(lane);
        let fingerprint = aes.hash(hashing.scratchpad.bytes());
        hashing.close(&fingerprint)
    }

    /// One pass over the scratchpad where `finish` and `begin` take two.
    pub fn finish_and_begin(&mut self, lane: usize, next: &[u8]) -> Hash {
        let aes = self.aes;
        let hashing = self.hashing(lane);
        hashing.state = hash_512(next);
        let fingerprint = aes.hash_and_fill(hashing.scratchpad.bytes_mut(), &mut hashing.state);
        hashing.close(&fingerprint)
    }
}
