//! Several items side by side: lane `i` of vector register `k` is register `rk` of item `i`. What differs
//! between instruction sets is behind [`Lanes`]; the wide multiplications, which none of them has, and the
//! steps of the driver are put together here.

use super::super::assembler::IntOp::Mov;
use super::super::assembler::{Gpr, Hint, Memory, RBP, RBX, RSI, Vector, at, indexed};
use super::driver::{Emission, Kernel};
use super::{ITEM_CONSTANTS, ITEM_MULTIPLIER};
use crate::parameters::{CACHE_LINES, LINE_BYTES};
use crate::superscalar::{SuperscalarInstruction, SuperscalarOperation as O, SuperscalarProgram};

/// Operations on 64-bit lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    Add,
    Sub,
    Xor,
    And,
    /// Of the low halves.
    Multiply32,
}

/// Registers 0 to 7 hold the items; 8 and up are for the sequences below and the implementation's own.
pub trait Lanes {
    const COUNT: usize;

    fn binary(emission: &mut Emission, op: Binary, dst: Vector, a: Vector, b: Vector);
    fn copy(emission: &mut Emission, dst: Vector, src: Vector);
    fn shift_left(emission: &mut Emission, dst: Vector, src: Vector, count: u8);
    fn shift_right(emission: &mut Emission, dst: Vector, src: Vector, count: u8);
    fn rotate_right(emission: &mut Emission, dst: Vector, count: u8);
    /// `dst = dst op constant` in every lane.
    fn binary_constant(emission: &mut Emission, op: Binary, dst: Vector, constant: u64);
    fn broadcast(emission: &mut Emission, dst: Vector, memory: Memory);
    fn load(emission: &mut Emission, dst: Vector, memory: Memory);
    fn store(emission: &mut Emission, memory: Memory, src: Vector);
    fn multiply(emission: &mut Emission, dst: Vector, src: Vector);
    fn multiply_constant(emission: &mut Emission, dst: Vector, constant: u64);
    /// `dst -= value` in the lanes in which `test` is negative. May change [`SPARE`].
    fn subtract_where_negative(emission: &mut Emission, dst: Vector, test: Vector, value: Vector);
    /// XORs registers 0 to 7 with the lines at `rsi + r8 ..`, one for each lane.
    fn mix_lines(emission: &mut Emission);
    /// Stores registers 0 to 7 as whole items at rbx.
    fn store_items(emission: &mut Emission);
}

const fn v(number: usize) -> Vector {
    Vector(number as u8)
}

/// Temporaries of the sequences here.
const TEMPORARY: [Vector; 6] = [Vector(8), Vector(9), Vector(10), Vector(11), Vector(12), Vector(13)];
/// One that only [`Lanes::subtract_where_negative`] changes.
pub const SPARE: Vector = Vector(14);

/// The general purpose register with the offset of a lane's line.
pub const fn line_register(lane: usize) -> Gpr {
    Gpr(8 + lane as u8)
}

impl<L: Lanes> Kernel for L {
    const GROUP: usize = L::COUNT;
    const INSTRUCTION_BYTES: usize = 176;

    fn first_offsets(emission: &mut Emission) {
        item_numbers::<L>(emission, TEMPORARY[0], 0);
        offsets_of::<L>(emission, TEMPORARY[0]);
    }

    fn start(emission: &mut Emission) {
        item_numbers::<L>(emission, v(0), 1);
        L::multiply_constant(emission, v(0), ITEM_MULTIPLIER);
        for (register, constant) in (1..8).zip(ITEM_CONSTANTS) {
            let constant = emission.constant(constant);
            L::broadcast(emission, v(register), constant);
            L::binary(emission, Binary::Xor, v(register), v(register), v(0));
        }
    }

    fn load(emission: &mut Emission) {
        for register in 0..8 {
            L::load(emission, v(register), vector_at::<L>(register));
        }
    }

    fn program(emission: &mut Emission, program: &SuperscalarProgram) {
        for (&instruction, &multiplier) in program.instructions().iter().zip(program.reciprocals()) {
            emit_instruction::<L>(emission, instruction, multiplier);
        }
    }

    fn mix_lines(emission: &mut Emission) {
        load_offsets::<L>(emission);
        L::mix_lines(emission);
    }

    fn next_offsets(emission: &mut Emission, register: usize) {
        offsets_of::<L>(emission, v(register));
    }

    fn store(emission: &mut Emission) {
        for register in 0..8 {
            L::store(emission, vector_at::<L>(register), v(register));
        }
    }

    fn finish(emission: &mut Emission) {
        L::store_items(emission);
    }
}

/// Where a register of the group is kept between programs.
const fn vector_at<L: Lanes>(register: usize) -> Memory {
    at(RBX, (register * L::COUNT * size_of::<u64>()) as i32)
}

/// The number at rbx plus `first`, `first + 1` and so on.
fn item_numbers<L: Lanes>(emission: &mut Emission, dst: Vector, first: u64) {
    let steps: Vec<u64> = (first..).take(L::COUNT).collect();
    let steps = emission.constants(&steps);
    L::broadcast(emission, dst, at(RBX, 0));
    L::load(emission, TEMPORARY[1], steps);
    L::binary(emission, Binary::Add, dst, dst, TEMPORARY[1]);
}

/// Turns line numbers into offsets, keeps them and asks for the lines.
fn offsets_of<L: Lanes>(emission: &mut Emission, numbers: Vector) {
    let offsets = TEMPORARY[0];
    L::shift_left(emission, offsets, numbers, LINE_BYTES.trailing_zeros() as u8);
    L::binary_constant(emission, Binary::And, offsets, (CACHE_LINES - 1) * LINE_BYTES as u64);
    L::store(emission, at(RBP, 0), offsets);
    load_offsets::<L>(emission);
    for lane in 0..L::COUNT {
        emission.asm.prefetch(Hint::NonTemporal, indexed(RSI, line_register(lane)));
    }
}

fn load_offsets<L: Lanes>(emission: &mut Emission) {
    for lane in 0..L::COUNT {
        emission.asm.op(Mov, line_register(lane), at(RBP, 8 * lane as i32));
    }
}

fn emit_instruction<L: Lanes>(emission: &mut Emission, instruction: SuperscalarInstruction, multiplier: u64) {
    let (dst, src) = (v(instruction.dst as usize % 8), v(instruction.src as usize % 8));
    match instruction.operation {
        O::SubR => L::binary(emission, Binary::Sub, dst, dst, src),
        O::XorR => L::binary(emission, Binary::Xor, dst, dst, src),
        O::AddRs if instruction.shift() == 0 => L::binary(emission, Binary::Add, dst, dst, src),
        O::AddRs => {
            L::shift_left(emission, TEMPORARY[0], src, instruction.shift() as u8);
            L::binary(emission, Binary::Add, dst, dst, TEMPORARY[0]);
        }
        O::MulR => L::multiply(emission, dst, src),
        O::RorC => L::rotate_right(emission, dst, instruction.imm32 as u8 % 64),
        O::AddC7 | O::AddC8 | O::AddC9 => {
            L::binary_constant(emission, Binary::Add, dst, instruction.immediate());
        }
        O::XorC7 | O::XorC8 | O::XorC9 => {
            L::binary_constant(emission, Binary::Xor, dst, instruction.immediate());
        }
        O::MulHR => multiply_high::<L>(emission, dst, dst, src),
        O::SMulHR => {
            // As unsigned numbers the operands are 2^64 too large where negative, and the product's high half
            // by the other operand.
            let product = TEMPORARY[5];
            multiply_high::<L>(emission, product, dst, src);
            L::subtract_where_negative(emission, product, dst, src);
            L::subtract_where_negative(emission, product, src, dst);
            L::copy(emission, dst, product);
        }
        O::MulRcp => L::multiply_constant(emission, dst, multiplier),
    }
}

/// The high 64 bits of a product, from four products of halves.
fn multiply_high<L: Lanes>(emission: &mut Emission, dst: Vector, a: Vector, b: Vector) {
    use Binary::{Add, And, Multiply32};
    let [a_high, b_high, low, middle, other, _] = TEMPORARY;
    L::shift_right(emission, a_high, a, 32);
    L::shift_right(emission, b_high, b, 32);
    L::binary(emission, Multiply32, low, a, b);
    L::binary(emission, Multiply32, middle, a_high, b);
    L::binary(emission, Multiply32, other, a, b_high);
    L::binary(emission, Multiply32, a_high, a_high, b_high);
    // Neither sum overflows: (2^32 - 1)^2 + 2^32 - 1 < 2^64.
    L::shift_right(emission, low, low, 32);
    L::binary(emission, Add, middle, middle, low);
    L::shift_right(emission, low, middle, 32);
    L::binary(emission, Add, a_high, a_high, low);
    L::binary_constant(emission, And, middle, u64::from(u32::MAX));
    L::binary(emission, Add, middle, middle, other);
    L::shift_right(emission, middle, middle, 32);
    L::binary(emission, Add, dst, a_high, middle);
}
