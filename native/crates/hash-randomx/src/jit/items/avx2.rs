//! Four items in 256-bit registers, with 64-bit multiplication made of 32-bit ones.

use super::super::assembler::ops::*;
use super::super::assembler::{Memory, RBX, RSI, Vector, Width::W256, at, indexed_at};
use super::super::features::Features;
use super::driver::{Emission, Emitted, emit};
use super::vector::{Binary, Lanes, SPARE, line_register};
use super::{ItemKernel, Programs};

pub const KERNEL: ItemKernel = ItemKernel {
    name: "avx2",
    group: Ymm::COUNT,
    is_available: |features| features.avx2,
    emit: |features: &Features, programs: &Programs| -> Emitted { emit::<Ymm>(features.bmi2, programs) },
};

struct Ymm;

const UNUSED: Vector = Vector(0);
/// For constants and multiplications, beside the sequences' temporaries.
const OWN: Vector = Vector(15);

const fn op_of(op: Binary) -> VectorOp {
    match op {
        Binary::Add => PADDQ,
        Binary::Sub => PSUBQ,
        Binary::Xor => PXOR,
        Binary::And => PAND,
        Binary::Multiply32 => PMULUDQ,
    }
}

impl Lanes for Ymm {
    const COUNT: usize = 4;

    fn binary(emission: &mut Emission, op: Binary, dst: Vector, a: Vector, b: Vector) {
        emission.asm.vex(op_of(op), W256, dst, a, b);
    }

    fn copy(emission: &mut Emission, dst: Vector, src: Vector) {
        emission.asm.vex(MOVDQU, W256, dst, UNUSED, src);
    }

    fn shift_left(emission: &mut Emission, dst: Vector, src: Vector, count: u8) {
        emission.asm.vex(SHIFTQ, W256, SHIFT_LEFT, dst, src);
        emission.asm.byte(count);
    }

    fn shift_right(emission: &mut Emission, dst: Vector, src: Vector, count: u8) {
        emission.asm.vex(SHIFTQ, W256, SHIFT_RIGHT, dst, src);
        emission.asm.byte(count);
    }

    fn rotate_right(emission: &mut Emission, dst: Vector, count: u8) {
        Self::shift_left(emission, OWN, dst, 64 - count);
        Self::shift_right(emission, dst, dst, count);
        emission.asm.vex(POR, W256, dst, dst, OWN);
    }

    fn binary_constant(emission: &mut Emission, op: Binary, dst: Vector, constant: u64) {
        let constant = emission.constant(constant);
        Self::broadcast(emission, OWN, constant);
        Self::binary(emission, op, dst, dst, OWN);
    }

    fn broadcast(emission: &mut Emission, dst: Vector, memory: Memory) {
        emission.asm.vex(BROADCASTQ, W256, dst, UNUSED, memory);
    }

    fn load(emission: &mut Emission, dst: Vector, memory: Memory) {
        emission.asm.vex(MOVDQU, W256, dst, UNUSED, memory);
    }

    fn store(emission: &mut Emission, memory: Memory, src: Vector) {
        emission.asm.vex(MOVDQU_STORE, W256, src, UNUSED, memory);
    }

    /// The cross products of the halves need only 32 bits, so one instruction makes both of them.
    fn multiply(emission: &mut Emission, dst: Vector, src: Vector) {
        const SWAP_HALVES: u8 = 0b10_11_00_01;
        let (cross, high) = (SPARE, Vector(13));
        emission.asm.vex(PSHUFD, W256, cross, UNUSED, src);
        emission.asm.byte(SWAP_HALVES);
        emission.asm.vex(PMULLD, W256, cross, cross, dst);
        Self::shift_right(emission, high, cross, 32);
        emission.asm.vex(PADDD, W256, cross, cross, high);
        Self::shift_left(emission, cross, cross, 32);
        Self::binary(emission, Binary::Multiply32, dst, dst, src);
        Self::binary(emission, Binary::Add, dst, dst, cross);
    }

    fn multiply_constant(emission: &mut Emission, dst: Vector, constant: u64) {
        let constant = emission.constant(constant);
        Self::broadcast(emission, OWN, constant);
        Self::multiply(emission, dst, OWN);
    }

    fn subtract_where_negative(emission: &mut Emission, dst: Vector, test: Vector, value: Vector) {
        emission.asm.vex(PXOR, W256, SPARE, SPARE, SPARE);
        emission.asm.vex(PCMPGTQ, W256, SPARE, SPARE, test);
        Self::binary(emission, Binary::And, SPARE, SPARE, value);
        Self::binary(emission, Binary::Sub, dst, dst, SPARE);
    }

    fn mix_lines(emission: &mut Emission) {
        for half in 0..2 {
            for lane in 0..4 {
                let memory = indexed_at(RSI, line_register(lane), 32 * half as i32);
                Self::load(emission, v(8 + lane), memory);
            }
            transpose(emission, 8, |emission, column, result| {
                let register = v(4 * half + column);
                Self::binary(emission, Binary::Xor, register, register, result);
            });
        }
    }

    fn store_items(emission: &mut Emission) {
        for half in 0..2 {
            transpose(emission, 4 * half, |emission, lane, result| {
                Self::store(emission, at(RBX, (64 * lane + 32 * half) as i32), result);
            });
        }
    }
}

const fn v(number: usize) -> Vector {
    Vector(number as u8)
}

/// Hands out the columns of the four rows in the registers from `rows` on, one by one in their order. Changes
/// registers 12 to 15 and 8.
fn transpose(emission: &mut Emission, rows: usize, mut use_column: impl FnMut(&mut Emission, usize, Vector)) {
    // Half q of `pairs[p][h]`: column 2q + h of rows 2p and 2p + 1.
    let pairs = |pair: usize, half: usize| v(12 + 2 * pair + half);
    for pair in 0..2 {
        let (a, b) = (v(rows + 2 * pair), v(rows + 2 * pair + 1));
        emission.asm.vex(PUNPCKLQDQ, W256, pairs(pair, 0), a, b);
        emission.asm.vex(PUNPCKHQDQ, W256, pairs(pair, 1), a, b);
    }
    for column in 0..4 {
        let (half, quarter) = (column % 2, column / 2);
        let result = v(8);
        emission.asm.vex(PERM2I128, W256, result, pairs(0, half), pairs(1, half));
        emission.asm.byte(if quarter == 0 { 0x20 } else { 0x31 });
        use_column(emission, column, result);
    }
}
