//! The virtual machine around its programs (specification chapter 2): fills the scratchpad from the input,
//! chains eight programs, and takes the fingerprint.

use otedama_hash_api::{HashError, Interrupt};
use otedama_memory::{PageReport, Pages, Region};
use otedama_primitives::Hash;

use crate::SeedMemory;
use crate::aes::{Aes, State};
use crate::blake::{hash_256, hash_512};
use crate::engine::Engine;
use crate::machine::{Registers, Rounding};
use crate::parameters::{PROGRAM_COUNT, SCRATCHPAD_BYTES, Variant};
use crate::program::Program;

#[derive(Debug)]
pub struct Vm {
    variant: Variant,
    engine: Engine,
    aes: Aes,
    scratchpad: Region,
    program: Box<Program>,
    /// The generator's state: fills the next program.
    state: State,
    registers: Registers,
}

impl Vm {
    pub fn new(variant: Variant, engine: Engine, aes: Aes) -> Result<Self, HashError> {
        Ok(Self {
            variant,
            engine,
            aes,
            scratchpad: Region::allocate(SCRATCHPAD_BYTES, Pages::Largest, None)?,
            program: Box::new(Program::new()),
            state: [0; 64],
            registers: Registers::default(),
        })
    }

    pub const fn pages(&self) -> &PageReport {
        self.scratchpad.had()
    }

    pub fn begin(&mut self, input: &[u8]) {
        self.state = hash_512(input);
        self.aes.fill(&mut self.state, self.scratchpad.bytes_mut());
    }

    /// The chain of programs; false if interrupted, and then the hash is worthless.
    pub fn run_programs(&mut self, memory: &SeedMemory, interrupt: &Interrupt<'_>) -> bool {
        let size = self.variant.program_size();
        let mut rounding = Rounding::Nearest;
        for number in 0..PROGRAM_COUNT {
            if interrupt.is_raised() {
                return false;
            }
            if number > 0 {
                self.state = hash_512(&self.registers.to_bytes());
            }
            self.aes.fill_program(&self.state, self.program.bytes_mut(size));
            let scratchpad = self.scratchpad.bytes_mut();
            self.engine.run(&self.program, &mut self.registers, &mut rounding, scratchpad, memory.lines());
        }
        true
    }

    pub fn finish(&mut self) -> Hash {
        let fingerprint = self.aes.hash(self.scratchpad.bytes());
        self.close(&fingerprint)
    }

    /// One pass over the scratchpad where `finish` and `begin` take two.
    pub fn finish_and_begin(&mut self, next: &[u8]) -> Hash {
        self.state = hash_512(next);
        let fingerprint = self.aes.hash_and_fill(self.scratchpad.bytes_mut(), &mut self.state);
        self.close(&fingerprint)
    }

    /// The result, with the fingerprint in place of group A.
    fn close(&self, fingerprint: &State) -> Hash {
        hash_256(&[&self.registers.to_bytes()[..192], fingerprint])
    }
}
