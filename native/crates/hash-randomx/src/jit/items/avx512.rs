//! Eight items in 512-bit registers. Multiplication, rotation and constants from memory take one instruction.

use super::super::assembler::ops::*;
use super::super::assembler::{Memory, RBX, RSI, Vector, Width::W512, at, indexed_at};
use super::super::features::Features;
use super::driver::{Emission, Emitted, emit};
use super::vector::{Binary, Lanes, line_register};
use super::{ItemKernel, Programs};

pub const KERNEL: ItemKernel = ItemKernel {
    name: "avx512",
    group: Zmm::COUNT,
    is_available: |features| features.avx512,
    emit: |features: &Features, programs: &Programs| -> Emitted { emit::<Zmm>(features.bmi2, programs) },
};

struct Zmm;

const UNUSED: Vector = Vector(0);

const fn op_of(op: Binary) -> VectorOp {
    match op {
        Binary::Add => PADDQ_W,
        Binary::Sub => PSUBQ_W,
        Binary::Xor => PXORQ_W,
        Binary::And => PANDQ_W,
        Binary::Multiply32 => PMULUDQ_W,
    }
}

impl Lanes for Zmm {
    const COUNT: usize = 8;

    fn binary(emission: &mut Emission, op: Binary, dst: Vector, a: Vector, b: Vector) {
        emission.asm.evex(op_of(op), W512, dst, a, b);
    }

    fn copy(emission: &mut Emission, dst: Vector, src: Vector) {
        emission.asm.evex(MOVDQA64, W512, dst, UNUSED, src);
    }

    fn shift_left(emission: &mut Emission, dst: Vector, src: Vector, count: u8) {
        emission.asm.evex(SHIFTQ_W, W512, SHIFT_LEFT, dst, src);
        emission.asm.byte(count);
    }

    fn shift_right(emission: &mut Emission, dst: Vector, src: Vector, count: u8) {
        emission.asm.evex(SHIFTQ_W, W512, SHIFT_RIGHT, dst, src);
        emission.asm.byte(count);
    }

    fn rotate_right(emission: &mut Emission, dst: Vector, count: u8) {
        emission.asm.evex(PRORQ_W, W512, Vector(0), dst, dst);
        emission.asm.byte(count);
    }

    fn binary_constant(emission: &mut Emission, op: Binary, dst: Vector, constant: u64) {
        let constant = emission.constant(constant);
        emission.asm.evex_broadcast(op_of(op), W512, dst, dst, constant);
    }

    fn broadcast(emission: &mut Emission, dst: Vector, memory: Memory) {
        emission.asm.evex_scalar(BROADCASTQ_W, W512, dst, memory);
    }

    fn load(emission: &mut Emission, dst: Vector, memory: Memory) {
        emission.asm.evex(MOVDQU64, W512, dst, UNUSED, memory);
    }

    fn store(emission: &mut Emission, memory: Memory, src: Vector) {
        emission.asm.evex(MOVDQU64_STORE, W512, src, UNUSED, memory);
    }

    fn multiply(emission: &mut Emission, dst: Vector, src: Vector) {
        emission.asm.evex(PMULLQ_W, W512, dst, dst, src);
    }

    fn multiply_constant(emission: &mut Emission, dst: Vector, constant: u64) {
        let constant = emission.constant(constant);
        emission.asm.evex_broadcast(PMULLQ_W, W512, dst, dst, constant);
    }

    fn subtract_where_negative(emission: &mut Emission, dst: Vector, test: Vector, value: Vector) {
        const MASK: Vector = Vector(1);
        emission.asm.evex(MOVQ2M, W512, MASK, UNUSED, test);
        emission.asm.evex_masked(PSUBQ_W, W512, dst, dst, value, MASK.0);
    }

    fn mix_lines(emission: &mut Emission) {
        for lane in 0..8 {
            Self::load(emission, v(16 + lane), indexed_at(RSI, line_register(lane), 0));
        }
        transpose(emission, 16, |emission, register, column| {
            emission.asm.evex(PXORQ_W, W512, v(register), v(register), column);
        });
    }

    fn store_items(emission: &mut Emission) {
        transpose(emission, 0, |emission, lane, item| {
            Self::store(emission, at(RBX, 64 * lane as i32), item);
        });
    }
}

const fn v(number: usize) -> Vector {
    Vector(number as u8)
}

/// Hands out the columns of the eight rows in the registers from `rows` on, one by one in their order. Changes
/// registers 16 to 31.
fn transpose(emission: &mut Emission, rows: usize, mut use_column: impl FnMut(&mut Emission, usize, Vector)) {
    /// Of each operand the even or the odd quarters.
    const EVEN: u8 = 0x88;
    const ODD: u8 = 0xdd;
    let shuffle = |emission: &mut Emission, dst: Vector, a: Vector, b: Vector, quarters: u8| {
        emission.asm.evex(SHUFI64X2, W512, dst, a, b);
        emission.asm.byte(quarters);
    };
    // Quarter q of `pairs[p][h]`: column 2q + h of rows 2p and 2p + 1.
    let pairs = |pair: usize, half: usize| v(24 + 2 * pair + half);
    for pair in 0..4 {
        let (a, b) = (v(rows + 2 * pair), v(rows + 2 * pair + 1));
        emission.asm.evex(PUNPCKLQDQ_W, W512, pairs(pair, 0), a, b);
        emission.asm.evex(PUNPCKHQDQ_W, W512, pairs(pair, 1), a, b);
    }
    // `quads[h][w][o]`: quarters o and o + 2 of pairs 2w and 2w + 1.
    let quads = |half: usize, pair: usize, odd: usize| v(16 + 4 * half + 2 * pair + odd);
    for half in 0..2 {
        for pair in 0..2 {
            let (a, b) = (pairs(2 * pair, half), pairs(2 * pair + 1, half));
            shuffle(emission, quads(half, pair, 0), a, b, EVEN);
            shuffle(emission, quads(half, pair, 1), a, b, ODD);
        }
    }
    for column in 0..8 {
        let (half, quarter) = (column % 2, column / 2);
        let (a, b) = (quads(half, 0, quarter % 2), quads(half, 1, quarter % 2));
        let result = v(24 + column);
        shuffle(emission, result, a, b, if quarter < 2 { EVEN } else { ODD });
        use_column(emission, column, result);
    }
}
