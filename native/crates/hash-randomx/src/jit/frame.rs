//! What surrounds a program's instructions: the loop of an iteration (specification chapter 4.6.2), and the
//! function around it. How the dataset is read is in `reads`.
//!
//! Beside the registers that instructions use, rbp holds `ma` and, in its high half, `mx`; rdi the program's
//! part of the dataset. The scratchpad addresses of the next iteration are in rax and rdx where it begins.

use core::mem::offset_of;

use super::assembler::IntOp::{Cmp, Lea, Mov, Xor};
use super::assembler::ops::*;
use super::assembler::{
    Assembler, Condition, Gpr, Hint, ImmOp, Memory, R12, R13, R14, R15, RAX, RBP, RBX, RCX, RDI, RDX, RSI,
    RSP, ShiftOp, at, indexed, indexed_at,
};
use super::context::{Context, at_offset, field};
use super::features::Features;
use super::instructions::{GROUP_E_KEEP, GROUP_E_SET, SCALE, a, e, f, limit_to_group_e, r};
use crate::parameters::{L3_LINE_MASK, Variant};
use crate::program::Configuration;

/// Code bytes of everything that is not an instruction, at most.
pub const FRAME_BYTES: usize = 2048;

/// Takes the address of the context plus its bias.
pub type Function = unsafe extern "sysv64" fn(*mut u8);

/// The last one pushed only makes room for MXCSR.
const SAVED: [Gpr; 7] = [RBX, RBP, R12, R13, R14, R15, RAX];

/// Up to the start of the loop.
pub fn prologue(asm: &mut Assembler, features: Features) {
    for register in SAVED {
        asm.push(register);
    }
    asm.store_mxcsr(at(RSP, 0));
    asm.op(Mov, RBX, RDI);
    if features.avx {
        // Old instructions are slow on processors that have to keep the rest of wider registers.
        asm.vzeroupper();
    }
    asm.sse(MOVAPS, GROUP_E_KEEP, Context::GROUP_E_KEEP);
    asm.sse(MOVAPS, SCALE, Context::SCALE);
    asm.op32(Mov, RCX, field!(rounding));
    asm.load_mxcsr(indexed_at(RBX, RCX, Context::MODES));
    resume(asm);
}

/// Loads what a program keeps from one iteration to the next, except for its rounding mode.
fn resume(asm: &mut Assembler) {
    asm.op32(Mov, RAX, field!(next0));
    asm.op32(Mov, RDX, field!(next1));
    asm.op(Mov, RSI, field!(scratchpad));
    asm.op(Mov, RDI, field!(dataset));
    asm.op(Mov, RBP, field!(memory));
    for register in 0..8 {
        asm.op(Mov, r(register), integer_field(register));
    }
    for register in 0..4 {
        asm.sse(MOVAPS, a(register), vector_field(offset_of!(Context, registers.a), register));
    }
    asm.sse(MOVAPS, GROUP_E_SET, field!(group_e_masks));
}

/// Steps 1 to 3: what the two scratchpad lines do to the registers.
pub fn load(asm: &mut Assembler, features: Features) {
    asm.op(Lea, RCX, indexed(RSI, RAX));
    asm.store(field!(line0), RCX);
    for register in 0..8 {
        asm.op(Xor, r(register), at(RCX, 8 * register as i32));
    }
    asm.op(Lea, RCX, indexed(RSI, RDX));
    asm.store(field!(line1), RCX);
    for register in 0..4 {
        asm.sse(CVTDQ2PD, f(register), at(RCX, 8 * register as i32));
        asm.sse(CVTDQ2PD, e(register), at(RCX, 32 + 8 * register as i32));
    }
    for register in 0..4 {
        limit_to_group_e(asm, features, e(register));
    }
}

/// Steps 9 to 13 and, before them, step 1 of the next iteration, so that its lines are under way.
pub fn store(asm: &mut Assembler, features: Features, variant: Variant, configuration: &Configuration) {
    let [read0, read1, ..] = configuration.read_registers;
    asm.op(Mov, RAX, r(read0));
    asm.op(Xor, RAX, r(read1));
    if features.bmi2 {
        asm.rorx(RDX, RAX, 32);
    } else {
        asm.op(Mov, RDX, RAX);
        asm.shift(ShiftOp::Shr, RDX, 32);
    }
    for address in [RAX, RDX] {
        asm.immediate32(ImmOp::And, address, L3_LINE_MASK);
        asm.prefetch(Hint::Level1, indexed(RSI, address));
    }
    asm.op(Mov, RCX, field!(line1));
    for register in 0..8 {
        asm.store(at(RCX, 8 * register as i32), r(register));
    }
    mix_float_groups(asm, variant);
    asm.op(Mov, RCX, field!(line0));
    for register in 0..4 {
        asm.sse(MOVAPS_STORE, f(register), at(RCX, 16 * register as i32));
    }
}

fn mix_float_groups(asm: &mut Assembler, variant: Variant) {
    match variant {
        Variant::V1 => {
            for register in 0..4 {
                asm.sse(XORPS, f(register), e(register));
            }
        }
        Variant::V2 => {
            for key in 0..4 {
                for (register, op) in [AESENC, AESDEC, AESENC, AESDEC].into_iter().enumerate() {
                    asm.sse(op, f(register), e(key));
                }
            }
        }
    }
}

/// The end of the loop and of the function.
pub fn repeat(asm: &mut Assembler, features: Features, loop_start: usize) {
    const COUNT_AND_JUMP_BYTES: usize = 4 + 6;
    if features.jcc_erratum {
        asm.keep_within_32(COUNT_AND_JUMP_BYTES);
    }
    asm.immediate8_32(ImmOp::Sub, field!(iterations), 1);
    asm.jump_back_if(Condition::NotZero, loop_start);
    keep_integers(asm);
    keep_next(asm);
    keep_floats(asm);
    give_back(asm);
}

/// The same for one of two programs that take turns: the other one's iteration comes next. Both end in the same
/// round, and the one that `is_last` then ends the function.
pub fn take_turns(asm: &mut Assembler, features: Features, partner_loop_start: usize, is_last: bool) {
    keep_integers(asm);
    keep_next(asm);
    asm.immediate8_32(ImmOp::Sub, field!(iterations), 1);
    let more = asm.jump_far_ahead_if(Condition::NotZero);
    keep_floats(asm);
    if is_last {
        give_back(asm);
    }
    asm.land_far(&more);
    asm.op32(Mov, RDX, field!(rounding));
    asm.op(Mov, RBX, field!(partner));
    asm.op32(Mov, RCX, field!(rounding));
    let same = features.slow_mxcsr.then(|| {
        asm.op32(Cmp, RCX, RDX);
        asm.jump_ahead_if(Condition::Zero)
    });
    asm.load_mxcsr(indexed_at(RBX, RCX, Context::MODES));
    if let Some(same) = same {
        asm.land(&same);
    }
    resume(asm);
    asm.jump(partner_loop_start);
}

fn keep_integers(asm: &mut Assembler) {
    for register in 0..8 {
        asm.store(integer_field(register), r(register));
    }
}

/// Where the next iteration reads.
fn keep_next(asm: &mut Assembler) {
    asm.store(field!(memory), RBP);
    asm.store32(field!(next0), RAX);
    asm.store32(field!(next1), RDX);
}

fn keep_floats(asm: &mut Assembler) {
    for register in 0..4 {
        asm.sse(MOVAPS_STORE, f(register), vector_field(offset_of!(Context, registers.f), register));
        asm.sse(MOVAPS_STORE, e(register), vector_field(offset_of!(Context, registers.e), register));
    }
}

fn give_back(asm: &mut Assembler) {
    asm.load_mxcsr(at(RSP, 0));
    for register in SAVED.into_iter().rev() {
        asm.pop(register);
    }
    asm.ret();
}

pub const fn integer_field(register: usize) -> Memory {
    at_offset(offset_of!(Context, registers.r) + 8 * register)
}

const fn vector_field(group: usize, register: usize) -> Memory {
    at_offset(group + 16 * register)
}
