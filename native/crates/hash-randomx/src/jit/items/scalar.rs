//! One item at a time in the integer registers r8 to r15.

use super::super::assembler::IntOp::{Add, Lea, Mov, Sub, Xor};
use super::super::assembler::{
    Gpr, Hint, ImmOp, RAX, RBP, RBX, RCX, RDX, RSI, ShiftOp, UnaryOp, at, indexed, indexed_at,
};
use super::super::features::Features;
use super::driver::{Emission, Emitted, Kernel, emit};
use super::{ITEM_CONSTANTS, ITEM_MULTIPLIER, ItemKernel, Programs};
use crate::parameters::{CACHE_LINES, LINE_BYTES};
use crate::superscalar::{SuperscalarInstruction, SuperscalarOperation as O, SuperscalarProgram};

pub const KERNEL: ItemKernel = ItemKernel {
    name: "scalar",
    group: Scalar::GROUP,
    is_available: |_| true,
    emit: |features: &Features, programs: &Programs| -> Emitted { emit::<Scalar>(features.bmi2, programs) },
};

struct Scalar;

const fn r(number: usize) -> Gpr {
    Gpr(8 + number as u8)
}

impl Kernel for Scalar {
    const GROUP: usize = 1;
    const INSTRUCTION_BYTES: usize = 24;

    fn first_offsets(emission: &mut Emission) {
        emission.asm.op(Mov, RAX, at(RBX, 0));
        offset_of_rax(emission);
    }

    fn start(emission: &mut Emission) {
        let asm = &mut emission.asm;
        asm.op(Mov, RCX, at(RBX, 0));
        asm.op(Lea, RCX, at(RCX, 1));
        asm.move_immediate64(r(0), ITEM_MULTIPLIER);
        asm.multiply(r(0), RCX);
        for (register, constant) in (1..8).zip(ITEM_CONSTANTS) {
            asm.move_immediate64(r(register), constant);
            asm.op(Xor, r(register), r(0));
        }
    }

    fn load(emission: &mut Emission) {
        for register in 0..8 {
            emission.asm.op(Mov, r(register), at(RBX, 8 * register as i32));
        }
    }

    fn program(emission: &mut Emission, program: &SuperscalarProgram) {
        for (&instruction, &multiplier) in program.instructions().iter().zip(program.reciprocals()) {
            emit_instruction(emission, instruction, multiplier);
        }
    }

    fn mix_lines(emission: &mut Emission) {
        emission.asm.op(Mov, RCX, at(RBP, 0));
        for register in 0..8 {
            emission.asm.op(Xor, r(register), indexed_at(RSI, RCX, 8 * register as i32));
        }
    }

    fn next_offsets(emission: &mut Emission, register: usize) {
        emission.asm.op(Mov, RAX, r(register));
        offset_of_rax(emission);
    }

    fn store(emission: &mut Emission) {
        for register in 0..8 {
            emission.asm.store(at(RBX, 8 * register as i32), r(register));
        }
    }

    fn finish(emission: &mut Emission) {
        Self::store(emission);
    }
}

fn offset_of_rax(emission: &mut Emission) {
    let asm = &mut emission.asm;
    asm.immediate32(ImmOp::And, RAX, CACHE_LINES as u32 - 1);
    asm.shift(ShiftOp::Shl, RAX, LINE_BYTES.trailing_zeros() as u8);
    asm.store(at(RBP, 0), RAX);
    asm.prefetch(Hint::NonTemporal, indexed(RSI, RAX));
}

fn emit_instruction(emission: &mut Emission, instruction: SuperscalarInstruction, multiplier: u64) {
    let (dst, src) = (r(instruction.dst as usize % 8), r(instruction.src as usize % 8));
    let bmi2 = emission.bmi2;
    let asm = &mut emission.asm;
    match instruction.operation {
        O::SubR => asm.op(Sub, dst, src),
        O::XorR => asm.op(Xor, dst, src),
        O::AddRs if instruction.shift() == 0 => asm.op(Add, dst, src),
        O::AddRs => asm.lea_scaled(dst, dst, src, instruction.shift(), 0),
        O::MulR => asm.multiply(dst, src),
        O::RorC => asm.shift(ShiftOp::Ror, dst, instruction.imm32 as u8 % 64),
        O::AddC7 | O::AddC8 | O::AddC9 => asm.immediate(ImmOp::Add, dst, instruction.imm32),
        O::XorC7 | O::XorC8 | O::XorC9 => asm.immediate(ImmOp::Xor, dst, instruction.imm32),
        O::MulHR if bmi2 => {
            asm.op(Mov, RDX, dst);
            asm.mulx(dst, RAX, src);
        }
        O::MulHR | O::SMulHR => {
            let op = if instruction.operation == O::MulHR { UnaryOp::Mul } else { UnaryOp::IMul };
            asm.op(Mov, RAX, dst);
            asm.unary(op, src);
            asm.op(Mov, dst, RDX);
        }
        O::MulRcp => {
            asm.move_immediate64(RAX, multiplier);
            asm.multiply(dst, RAX);
        }
    }
}
