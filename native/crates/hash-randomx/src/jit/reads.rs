//! How a program reads the dataset (specification chapter 4.6.2, steps 5 to 8): from memory, from memory while
//! another program runs, or by computing items.

use core::mem::offset_of;

use super::assembler::IntOp::{Add, Lea, Mov, Xor};
use super::assembler::{
    Assembler, Condition, Gpr, Hint, ImmOp, Memory, RAX, RBP, RBX, RCX, RDI, RDX, RSI, RSP, ShiftOp, at,
    indexed,
};
use super::context::{Context, MAX_AHEAD, at_offset, field, offset_in};
use super::frame::integer_field;
use super::instructions::r;
use crate::memory::Line;
use crate::parameters::{CACHE_BYTES, DATASET_MASK, LINE_BYTES, Variant};
use crate::program::Configuration;

/// With the dataset at hand.
pub fn read_dataset(asm: &mut Assembler, variant: Variant, configuration: &Configuration) {
    advance_memory(asm, variant, configuration);
    newest_address(asm, variant, RDX);
    asm.prefetch(Hint::NonTemporal, indexed(RDI, RDX));
    mix_line(asm, configuration, indexed(RDI, RCX));
}

/// With the dataset at hand and another program taking turns with this one.
///
/// Finding out where in memory a line is can take longer than an iteration, where pages are small or the
/// machine is virtual, and a prefetch keeps the processor from going on until it knows. So the line is touched
/// first, and asked for when the other program's iteration is over.
pub fn read_dataset_in_turns(asm: &mut Assembler, variant: Variant, configuration: &Configuration) {
    advance_memory(asm, variant, configuration);
    asm.op(Mov, RAX, field!(partner));
    asm.op(Mov, RAX, offset_in(RAX, offset_of!(Context, touched)));
    asm.prefetch(Hint::NonTemporal, at(RAX, 0));
    newest_address(asm, variant, RDX);
    asm.op(Add, RDX, RDI);
    asm.store(field!(touched), RDX);
    touch(asm);
    mix_line(asm, configuration, indexed(RDI, RCX));
}

/// Makes the processor look up where the line at rdx is, without waiting for the answer: the line is read on a
/// path that is taken only in expectation. A return is expected to go where the call came from. This one goes
/// elsewhere, but that is known no sooner than rdx. What was begun in expectation is dropped; the translation
/// of the address goes on and stays.
fn touch(asm: &mut Assembler) {
    let beyond = asm.call_ahead();
    let expected = asm.position();
    asm.op32(Mov, RAX, at(RDX, 0));
    asm.lfence();
    asm.land_far(&beyond);
    asm.op32(Mov, RAX, RDX);
    asm.immediate32(ImmOp::And, RAX, 0);
    asm.op(Add, RAX, at(RSP, 0));
    let distance = asm.add_distance(RAX, expected);
    asm.store(at(RSP, 0), RAX);
    asm.ret();
    asm.land(&distance);
}

/// With the cache only: computes items, as many at a time as can be known ahead.
pub fn compute_items(asm: &mut Assembler, variant: Variant, configuration: &Configuration) {
    let ahead = items_ahead(variant);
    advance_memory(asm, variant, configuration);
    prefetch_first_line(asm, variant);
    asm.op32(Mov, RAX, field!(item_at));
    asm.immediate32(ImmOp::Add, RAX, LINE_BYTES as u32);
    asm.immediate32(ImmOp::Cmp, RAX, (ahead * LINE_BYTES) as u32);
    let ready = asm.jump_far_ahead_if(Condition::Below);
    for register in 0..8 {
        asm.store(integer_field(register), r(register));
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
    call_item_routine(asm, ahead);
    for register in 0..8 {
        asm.op(Mov, r(register), integer_field(register));
    }
    asm.op32(Xor, RAX, RAX);
    asm.land_far(&ready);
    asm.store32(field!(item_at), RAX);
    mix_line(asm, configuration, Memory { index: Some(RAX), ..items(0) });
}

/// By the rules of `items::driver`.
fn call_item_routine(asm: &mut Assembler, count: usize) {
    const KEPT: [Gpr; 3] = [RBP, RSI, RBX];
    for register in KEPT {
        asm.push(register);
    }
    asm.op(Mov, RAX, field!(item_routine));
    asm.op(Mov, RSI, field!(cache));
    asm.op(Lea, RDI, items(count));
    asm.op(Lea, RBP, field!(item_offsets));
    asm.op(Lea, RBX, items(0));
    asm.call(RAX);
    for register in KEPT.into_iter().rev() {
        asm.pop(register);
    }
}

/// Leaves the address to read in rcx and the changed and swapped pair in rbp.
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
    asm.immediate32(ImmOp::And, dst, DATASET_MASK);
}

/// Asks for the cache line that the newest item begins with.
fn prefetch_first_line(asm: &mut Assembler, variant: Variant) {
    newest_address(asm, variant, RAX);
    asm.op(Add, RAX, field!(dataset_offset));
    asm.immediate32(ImmOp::And, RAX, (CACHE_BYTES - LINE_BYTES) as u32);
    asm.op(Add, RAX, field!(cache));
    asm.prefetch(Hint::NonTemporal, at(RAX, 0));
}

/// XORs the line into the integer registers, those first that the next iteration's addresses are made of.
fn mix_line(asm: &mut Assembler, configuration: &Configuration, line: Memory) {
    let [read0, read1, ..] = configuration.read_registers;
    let others = (0..8).filter(|register| ![read0, read1].contains(register));
    for register in [read0, read1].into_iter().chain(others) {
        let word = Memory { displacement: line.displacement + 8 * register as i32, ..line };
        asm.op(Xor, r(register), word);
    }
}

/// Items whose addresses are known when the first of them is needed.
pub const fn items_ahead(variant: Variant) -> usize {
    match variant {
        Variant::V1 => 2,
        Variant::V2 => MAX_AHEAD,
    }
}

const fn items(item: usize) -> Memory {
    at_offset(offset_of!(Context, items) + size_of::<Line>() * item)
}
