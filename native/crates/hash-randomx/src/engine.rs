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

impl Engine {
    /// Runs all iterations of `program`; `registers` gets the result. The rounding mode lives on from one
    /// program of a hash to the next.
    pub fn run(
        &mut self,
        program: &Program,
        registers: &mut Registers,
        rounding: &mut Rounding,
        scratchpad: &mut [u8],
        memory: Memory<'_>,
    ) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Jit(code) => code.run(program, registers, rounding, scratchpad, memory),
            Self::Interpreter(interpreter) => {
                interpreter.run(program, registers, rounding, scratchpad, memory);
            }
        }
    }
}
