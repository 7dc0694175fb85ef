//! What runs a program: generated code or the interpreter.

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
    /// Runs all iterations of a program.
    pub fn run(&mut self, lane: Lane<'_>, memory: Memory<'_>) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Jit(code) => code.run(lane, memory),
            Self::Interpreter(interpreter) => {
                let Lane { program, registers, rounding, scratchpad } = lane;
                interpreter.run(program, registers, rounding, scratchpad, memory);
            }
        }
    }

    /// Runs two programs, in turns where that gains something.
    pub fn run_pair(&mut self, lanes: [Lane<'_>; 2], memory: Memory<'_>) {
        match (self, memory) {
            #[cfg(target_arch = "x86_64")]
            (Self::Jit(code), Memory::Dataset(dataset)) => code.run_pair(lanes, dataset),
            (engine, memory) => lanes.into_iter().for_each(|lane| engine.run(lane, memory)),
        }
    }
}
