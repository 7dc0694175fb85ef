//! What runs a program: generated code or the interpreter.

use otedama_hash_api::Interrupt;

use crate::interpreter::Interpreter;
#[cfg(target_arch = "x86_64")]
use crate::jit::ProgramCode;
use crate::machine::{Registers, Rounding};
use crate::memory::Memory;
use crate::program::Program;

#[derive(Debug)]
pub enum Engine {
    #[cfg(target_arch = "x86_64")]
    Jit(ProgramCode),
    Interpreter(Interpreter),
}

/// A program of one hash and what it works on.
#[derive(Debug)]
pub struct Lane<'a> {
    pub program: &'a Program,
    /// Gets the result.
    pub registers: &'a mut Registers,
    /// Lives on from one program of a hash to the next.
    pub rounding: &'a mut Rounding,
    pub scratchpad: &'a mut [u8],
}

impl Engine {
    /// Runs all iterations of a program; false if interrupted, and then the registers are worthless.
    pub fn run(&mut self, lane: Lane<'_>, memory: Memory<'_>, interrupt: &Interrupt<'_>) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Jit(code) => code.run(lane, memory, interrupt),
            Self::Interpreter(interpreter) => interpreter.run(lane, memory, interrupt),
        }
    }

    /// Runs two programs, in turns where that gains something; false as of [`Self::run`].
    pub fn run_pair(&mut self, lanes: [Lane<'_>; 2], memory: Memory<'_>, interrupt: &Interrupt<'_>) -> bool {
        match (self, memory) {
            #[cfg(target_arch = "x86_64")]
            (Self::Jit(code), Memory::Dataset(dataset)) => {
                code.run_pair(lanes, dataset);
                true
            }
            (engine, memory) => lanes.into_iter().all(|lane| engine.run(lane, memory, interrupt)),
        }
    }
}
