//! What surrounds a program's instructions: the loop of an iteration (specification chapter 4.6.2), and the
//! function around it.
//!
//! Beside the registers that instructions use, rbp holds `ma` and, in its high half, `mx`; rdi the program's
//! part of the dataset. The scratchpad addresses of the next iteration are in rax and rdx where it begins.

use super::assembler::IntOp::{Add, Lea, Mov, Xor};
use super::assembler::ops::*;
use super::assembler::{
    Assembler, Condition, Gpr, Hint, ImmOp, Memory, R12, R13, R14, R15, RAX, RBP, RBX, RCX, RDI, RDX, RSI,
    ShiftOp, at, indexed, indexed_at,
};
use super::context::{Context, MAX_AHEAD, at_offset, field};
use super::features::Features;
use super::instructions::{GROUP_E_KEEP, GROUP_E_SET, SCALE, a, e, f, limit_to_group_e, r};
use crate::memory::Line;
use crate::parameters::{CACHE_BYTES, DATASET_MASK, L3_LINE_MASK, LINE_BYTES, Variant};
use crate::program::Configuration;

/// Code bytes of everything here together, at most.
pub const FRAME_BYTES: usize = 2048;

/// Takes the address of the context plus its bias.
pub type Function = unsafe extern "sysv64" fn(*mut u8);

const SAVED: [Gpr; 6] = [RBX, RBP, R12, R13, R14, R15];

/// Up to the start of the loop.
pub fn prologue(asm: &mut Assembler, features: Features) {
    for register in SAVED {
        asm.push(register);
    }
    asm.op(Mov, RBX, RDI);
    if features.avx {
        // Old instructions are slow on processors that have to keep the rest of wider registers.
        asm.vzeroupper();
    }
    asm.op(Mov, RSI, field!(scratchpad));
    asm.op(Mov, RDI, field!(dataset));
    asm.op(Mov, RBP, field!(memory));
    asm.store_mxcsr(field!(caller_mxcsr));
    asm.op32(Mov, RAX, field!(rounding));
    asm.load_mxcsr(indexed_at(RBX, RAX, Context::MODES));
    for register in 0..4 {
        asm.sse(MOVAPS, a(register), vector_field(core::mem::offset_of!(Context, registers.a), register));
    }
    asm.sse(MOVAPS, GROUP_E_KEEP, Context::GROUP_E_KEEP);
    asm.sse(MOVAPS, GROUP_E_SET, field!(group_e_masks));
    asm.sse(MOVAPS, SCALE, Context::SCALE);
    for register in 0..8 {
        asm.op32(Xor, r(register), r(register));
    }
    asm.op32(Mov, RDX, RBP);
    asm.op(Mov, RAX, RBP);
    asm.shift(ShiftOp::Shr, RAX, 32);
    asm.immediate32(ImmOp::And, RAX, L3_LINE_MASK);
    asm.immediate32(ImmOp::And, RDX, L3_LINE_MASK);
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

/// Steps 5 to 8 with the dataset at hand.
pub fn read_dataset(asm: &mut Assembler, variant: Variant, configuration: &Configuration) {
    advance_memory(asm, variant, configuration);
    newest_address(asm, variant, RDX);
    asm.immediate32(ImmOp::And, RDX, DATASET_MASK);
    asm.prefetch(Hint::NonTemporal, indexed(RDI, RDX));
    for register in first_read_first(configuration) {
        asm.op(Xor, r(register), indexed_at(RDI, RCX, 8 * register as i32));
    }
}

/// The same where items are computed, as many at a time as can be known ahead.
pub fn compute_items(asm: &mut Assembler, variant: Variant, configuration: &Configuration) {
    let ahead = items_ahead(variant);
    advance_memory(asm, variant, configuration);
    prefetch_first_line(asm, variant);
    asm.op32(Mov, RAX, field!(item_at));
    asm.immediate32(ImmOp::Add, RAX, LINE_BYTES as u32);
    asm.immediate32(ImmOp::Cmp, RAX, (ahead * LINE_BYTES) as u32);
    let ready = asm.jump_far_ahead_if(Condition::Below);
    for register in 0..8 {
        asm.store(saved(register), r(register));
    }
    asm.op(Mov, RDX, RBP);
    asm.shift(ShiftOp::Shr, RDX, 32);
    // `ma` as it was, as it is, and `mx` as it is.
    for (item, address) in [RCX, RBP, RDX].into_iter().take(ahead).enumerate() {
        asm.op32(Mov, RAX, address);
        asm.immediate32(ImmOp::And, RAX, DATASET_MASK);
        asm.op(Add, RAX, field!(dataset_offset));
        asm.shift(ShiftOp::Shr, RAX, LINE_BYTES.trailing_zeros() as u8);
        asm.store(items(item), RAX);
    }
    for register in [RBP, RSI, RBX] {
        asm.push(register);
    }
    asm.op(Mov, RAX, field!(item_routine));
    asm.op(Mov, RSI, field!(cache));
    asm.op(Lea, RDI, items(ahead));
    asm.op(Lea, RBP, field!(item_offsets));
    asm.op(Lea, RBX, items(0));
    asm.call(RAX);
    for register in [RBX, RSI, RBP] {
        asm.pop(register);
    }
    for register in 0..8 {
        asm.op(Mov, r(register), saved(register));
    }
    asm.op32(Xor, RAX, RAX);
    asm.land_far(&ready);
    asm.store32(field!(item_at), RAX);
    for register in first_read_first(configuration) {
        let offset = core::mem::offset_of!(Context, items) + 8 * register;
        asm.op(Xor, r(register), Memory { index: Some(RAX), ..at_offset(offset) });
    }
}

/// Leaves the address to read in ecx, without the bits that do not count, and the swapped pair in rbp.
fn advance_memory(asm: &mut Assembler, variant: Variant, configuration: &Configuration) {
    let [_, _, read2, read3] = configuration.read_registers;
    asm.op32(Mov, RAX, r(read2));
    asm.op32(Xor, RAX, r(read3));
    asm.op32(Mov, RCX, RBP);
    asm.immediate32(ImmOp::And, RCX, DATASET_MASK);
    if variant == Variant::V1 {
        asm.shift(ShiftOp::Ror, RBP, 32);
        asm.op(Xor, RBP, RAX);
    } else {
        asm.op(Xor, RBP, RAX);
        asm.shift(ShiftOp::Ror, RBP, 32);
    }
}

/// The dataset address that step 5 has just made: of the next iteration in v1, of the one after it in v2.
fn newest_address(asm: &mut Assembler, variant: Variant, dst: Gpr) {
    asm.op(Mov, dst, RBP);
    if variant == Variant::V2 {
        asm.shift(ShiftOp::Shr, dst, 32);
    }
}

/// Asks for the cache line that the newest item begins with.
fn prefetch_first_line(asm: &mut Assembler, variant: Variant) {
    newest_address(asm, variant, RAX);
    asm.immediate32(ImmOp::And, RAX, DATASET_MASK);
    asm.op(Add, RAX, field!(dataset_offset));
    asm.immediate32(ImmOp::And, RAX, (CACHE_BYTES - LINE_BYTES) as u32);
    asm.op(Add, RAX, field!(cache));
    asm.prefetch(Hint::NonTemporal, at(RAX, 0));
}

/// Items whose addresses are known when the first of them is needed.
pub const fn items_ahead(variant: Variant) -> usize {
    match variant {
        Variant::V1 => 2,
        Variant::V2 => MAX_AHEAD,
    }
}

/// The integer registers, those first that the next iteration's addresses are made of.
fn first_read_first(configuration: &Configuration) -> impl Iterator<Item = usize> {
    let [read0, read1, ..] = configuration.read_registers;
    [read0, read1].into_iter().chain((0..8).filter(move |register| ![read0, read1].contains(register)))
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
pub fn epilogue(asm: &mut Assembler, features: Features, loop_start: usize) {
    const COUNT_AND_JUMP_BYTES: usize = 4 + 6;
    if features.jcc_erratum {
        asm.keep_within_32(COUNT_AND_JUMP_BYTES);
    }
    asm.immediate8_32(ImmOp::Sub, field!(iterations), 1);
    asm.jump_back_if(Condition::NotZero, loop_start);
    for register in 0..8 {
        asm.store(at_offset(core::mem::offset_of!(Context, registers.r) + 8 * register), r(register));
    }
    for register in 0..4 {
        let f_field = vector_field(core::mem::offset_of!(Context, registers.f), register);
        let e_field = vector_field(core::mem::offset_of!(Context, registers.e), register);
        asm.sse(MOVAPS_STORE, f(register), f_field);
        asm.sse(MOVAPS_STORE, e(register), e_field);
    }
    asm.load_mxcsr(field!(caller_mxcsr));
    for register in SAVED.into_iter().rev() {
        asm.pop(register);
    }
    asm.ret();
}

const fn vector_field(group: usize, register: usize) -> Memory {
    at_offset(group + 16 * register)
}

const fn saved(register: usize) -> Memory {
    at_offset(core::mem::offset_of!(Context, saved) + 8 * register)
}

const fn items(item: usize) -> Memory {
    at_offset(core::mem::offset_of!(Context, items) + size_of::<Line>() * item)
}
