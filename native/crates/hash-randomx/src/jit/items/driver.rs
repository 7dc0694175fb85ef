//! The frame around a kernel: takes groups of items through the eight programs, one program for all groups
//! before the next.
//!
//! The routine at the start of the code is for other generated code. It takes
//! - in rbx the first item and in rdi the end of the items: on entry the first word of each group is the number
//!   of its first item, on return the items are computed;
//! - in rbp room for an offset into the cache per item;
//! - in rsi the cache and in rdx the constants.
//!
//! It changes rax, rcx, rdx, rbx, rbp, r8 to r15 and the vector registers that its kernel uses.

use super::super::assembler::IntOp::{Cmp, Mov};
use super::super::assembler::{
    Assembler, Condition, ImmOp, Memory, R8, R12, R13, R14, R15, RBP, RBX, RCX, RDI, RDX, RSI, RSP, at,
};
use super::Programs;
use crate::memory::Line;
use crate::parameters::SUPERSCALAR_MAX_SIZE;
use crate::superscalar::SuperscalarProgram;

/// Items, their end, cache, offsets, constants.
pub type Function = unsafe extern "sysv64" fn(*mut Line, *mut Line, *const Line, *mut u64, *const u64);

/// Code in the making.
pub struct Emission<'a> {
    pub asm: Assembler<'a>,
    pub bmi2: bool,
    constants: Vec<u64>,
    /// Number of the constant that rdx points to.
    constant_base: i32,
}

impl Emission<'_> {
    /// Adds words to the constants; the first one's address.
    pub fn constants(&mut self, words: &[u64]) -> Memory {
        let number = self.constants.len() as i32;
        self.constants.extend_from_slice(words);
        at(RDX, 8 * (number - self.constant_base))
    }

    pub fn constant(&mut self, word: u64) -> Memory {
        self.constants(&[word])
    }

    /// Moves rdx so that as many of the next constants as possible are in reach of a short displacement.
    fn rebase_constants(&mut self) {
        const REACH: i32 = 128;
        let base = self.constants.len() as i32 + REACH;
        self.asm.immediate(ImmOp::Add, RDX, (8 * (base - self.constant_base)) as u32);
        self.constant_base = base;
    }
}

/// How a group of items is computed. The registers that hold it are the kernel's own affair between `load` or
/// `start` and `store` or `finish`; rbx points to the group, rbp to its offsets, rsi to the cache.
pub trait Kernel {
    const GROUP: usize;

    /// Code bytes that an instruction of a program takes at most.
    const INSTRUCTION_BYTES: usize;

    /// Offsets of the first cache lines from the item number at rbx; asks for the lines.
    fn first_offsets(emission: &mut Emission);

    /// Loads initial registers from the item number at rbx.
    fn start(emission: &mut Emission);

    fn load(emission: &mut Emission);

    fn program(emission: &mut Emission, program: &SuperscalarProgram);

    /// XORs the registers with their cache lines.
    fn mix_lines(emission: &mut Emission);

    /// Offsets of the next lines from a register; asks for the lines.
    fn next_offsets(emission: &mut Emission, register: usize);

    fn store(emission: &mut Emission);

    /// Stores whole items.
    fn finish(emission: &mut Emission);
}

pub struct Emitted {
    pub code: Vec<u8>,
    pub constants: Vec<u64>,
    /// Where the [`Function`] starts; the routine starts at 0.
    pub entry: usize,
}

pub fn emit<K: Kernel>(bmi2: bool, programs: &Programs) -> Emitted {
    /// All that surrounds the instructions of a program.
    const FRAME_BYTES: usize = 2048;
    let room = programs.len() * (FRAME_BYTES + SUPERSCALAR_MAX_SIZE * K::INSTRUCTION_BYTES) + FRAME_BYTES;
    let mut code = vec![0; room];
    let asm = Assembler::new(&mut code, 0);
    let mut emission = Emission { asm, bmi2, constants: Vec::new(), constant_base: 0 };
    routine::<K>(&mut emission, programs);
    let entry = function(&mut emission.asm);
    let (end, constants) = (emission.asm.position(), emission.constants);
    code.truncate(end);
    Emitted { code, constants, entry }
}

fn routine<K: Kernel>(emission: &mut Emission, programs: &Programs) {
    emission.asm.push(RBX);
    emission.asm.push(RBP);
    for_all_groups::<K>(emission, K::first_offsets);
    for (index, program) in programs.iter().enumerate() {
        emission.asm.op(Mov, RBP, at(RSP, 0));
        emission.asm.op(Mov, RBX, at(RSP, 8));
        emission.rebase_constants();
        for_all_groups::<K>(emission, |emission| {
            if index == 0 {
                K::start(emission);
            } else {
                K::load(emission);
            }
            K::program(emission, program);
            K::mix_lines(emission);
            if index + 1 < programs.len() {
                K::next_offsets(emission, program.address_register());
                K::store(emission);
            } else {
                K::finish(emission);
            }
        });
    }
    emission.asm.pop(RBP);
    emission.asm.pop(RBX);
    emission.asm.ret();
}

fn for_all_groups<K: Kernel>(emission: &mut Emission, emit: impl FnOnce(&mut Emission)) {
    emission.asm.align(32);
    let start = emission.asm.position();
    emit(emission);
    let asm = &mut emission.asm;
    asm.immediate(ImmOp::Add, RBX, (size_of::<Line>() * K::GROUP) as u32);
    asm.immediate(ImmOp::Add, RBP, (size_of::<u64>() * K::GROUP) as u32);
    asm.op(Cmp, RBX, RDI);
    asm.jump_back_if(Condition::Below, start);
}

/// Calls the routine by the rules of the System V ABI.
fn function(asm: &mut Assembler) -> usize {
    const SAVED: [super::super::assembler::Gpr; 6] = [RBX, RBP, R12, R13, R14, R15];
    asm.align(32);
    let entry = asm.position();
    for register in SAVED {
        asm.push(register);
    }
    asm.op(Mov, RBX, RDI);
    asm.op(Mov, RDI, RSI);
    asm.op(Mov, RSI, RDX);
    asm.op(Mov, RBP, RCX);
    asm.op(Mov, RDX, R8);
    asm.call_back(0);
    for register in SAVED.into_iter().rev() {
        asm.pop(register);
    }
    asm.ret();
    entry
}
